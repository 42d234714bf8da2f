// Corrections and notes: sent to the API, after which the page is shown anew from the report that follows from them.

import { draftOf, rememberDraft } from "./draft.js";
import { choose, chosen as filtered, reveal, visibleFindings } from "./filter.js";
import { problemOf } from "./problem.js";
import { lineOf, lines, whenIdle } from "./transcript.js";

const dialog = document.querySelector("#correct");
const stage = dialog.querySelector("#right-stage");
const note = dialog.querySelector("#note");
const trouble = dialog.querySelector("#correct-problem");
const status = document.querySelector("#status");
const keys = document.querySelector("#keys");
const open = document.createElement("button");
const KEPT = `kept in ${location.pathname}`;
let chosen = null;
let before = null;

async function send(kind, body) {
  const response = await fetch(`${dialog.dataset.address}/${kind}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => { throw new Error("The server does not answer. Is it still running?"); });
  if (!response.ok) throw new Error(problemOf(await response.json()));
}

// What a finding is known by in another report; its number is another one there.
function nameOf({ dataset: { start, code, stage: of, topic } }) {
  return JSON.stringify([Math.round(100 * Number(start)), code, of, topic]);
}

// place: where to go on reading; of a line its id, of a finding its name.
function again(place) {
  sessionStorage.setItem(KEPT, JSON.stringify({ ...place, filters: filtered() }));
  // A place in the address would draw the focus to itself.
  history.replaceState(null, "", location.pathname);
  location.reload();
}

// A page shown anew begins at its top, where nobody who does not see it would know what became of the correction.
function goOn() {
  const place = JSON.parse(sessionStorage.getItem(KEPT));
  if (!place) return;
  sessionStorage.removeItem(KEPT);
  choose(place.filters);
  const line = document.getElementById(place.line);
  if (line) {
    reveal(line);
    line.querySelector(".at").focus();
  }
  if (place.finding !== undefined) {
    const finding = visibleFindings().find((one) => nameOf(one) === place.finding);
    (finding ?? document.querySelector("#findings")).focus();
  }
  // Text that is there from the beginning is not read out.
  whenIdle(() => { status.textContent = `Kept. The score is ${document.querySelector(".score b").textContent} now.`; });
}

async function judge(element, rejected) {
  const { start, code, stage: of, topic } = element.dataset;
  const findings = visibleFindings();
  const next = rejected ? findings[findings.indexOf(element) + 1] : element;
  try {
    await send("findings", { at: Number(start), code, stage: of || null, topic: topic || null, rejected });
    again({ finding: next ? nameOf(next) : null });
  } catch (error) {
    status.textContent = error.message;
  }
}

function show(line) {
  chosen = line;
  const candidate = line.element.classList.contains("candidate");
  stage.closest(".field").hidden = !candidate;
  before = { stage: line.element.dataset.corrected ?? "", note: line.element.querySelector(".own-note")?.textContent ?? "" };
  stage.value = before.stage;
  note.value = before.note;
  trouble.textContent = "";
  dialog.querySelector("#correct-line").textContent = line.text.textContent;
  dialog.showModal();
  note.focus();
}

async function save(event) {
  if (event.submitter?.value !== "save") return;
  event.preventDefault();
  try {
    if (stage.value !== before.stage) await send("stages", { at: chosen.start, stage: stage.value || null });
    if (note.value.trim() !== before.note) await send("notes", { at: chosen.start, text: note.value });
    dialog.close();
    again({ line: chosen.element.id });
  } catch (error) {
    trouble.textContent = error.message;
  }
}

// One button, which stands at the line that the mouse or the focus is on.
function offer(event) {
  // A finger on a word means the word; on the time beside it, the line.
  if (event.pointerType === "touch" && event.target.closest(".text")) return;
  const line = lineOf(event.target);
  if (!line || open.parentElement === line.element) return;
  open.setAttribute("aria-label", `Note or correction at ${line.element.querySelector("time").textContent}`);
  line.element.append(open);
}

// What was typed while the session ran, and not kept by its end.
async function keepDraft() {
  const session = location.pathname.split("/").pop();
  const draft = draftOf(session);
  if (!draft) return;
  try {
    await send("notes", { at: draft.at ?? Number(dialog.dataset.end), text: draft.text });
    rememberDraft(session, null);
    again({});
  } catch (error) {
    status.textContent = error.message;
  }
}

open.type = "button";
open.className = "open";
open.textContent = "Note …";
open.addEventListener("click", () => show(lineOf(open)));
dialog.querySelector("form").addEventListener("submit", save);
document.querySelector(".transcript").addEventListener("pointerover", offer);
document.querySelector(".transcript").addEventListener("focusin", offer);
document.addEventListener("keydown", (event) => {
  if (event.key !== "n" || !keys.checked || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
  const line = lineOf(event.target) ?? lines.find((one) => one.element.classList.contains("now")) ?? lines[0];
  if (!line) return;
  event.preventDefault();
  show(line);
});
for (const [selector, rejected] of [[".wrong", true], [".right", false]]) {
  for (const button of document.querySelectorAll(selector)) {
    button.hidden = false;
    button.addEventListener("click", () => judge(button.closest("[data-code]"), rejected));
  }
}
goOn();
keepDraft();
