// Corrections and notes: sent to the API, after which the page is shown anew from the report that follows from them.

import { draftOf, rememberDraft } from "./draft.js";
import { problemOf } from "./problem.js";
import { lineOf, lines } from "./transcript.js";

const dialog = document.querySelector("#correct");
const stage = dialog.querySelector("#right-stage");
const note = dialog.querySelector("#note");
const trouble = dialog.querySelector("#correct-problem");
const status = document.querySelector("#status");
const keys = document.querySelector("#keys");
const open = document.createElement("button");
let chosen = null;
let before = null;

async function send(kind, body) {
  const response = await fetch(`${dialog.dataset.address}/${kind}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(problemOf(await response.json()));
}

function again(hash) {
  history.replaceState(null, "", hash);
  location.reload();
}

async function judge(element, rejected) {
  const { start, code, stage: of, topic } = element.dataset;
  try {
    await send("findings", { at: Number(start), code, stage: of || null, topic: topic || null, rejected });
    again("#findings");
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
    again(`#${chosen.element.id}`);
  } catch (error) {
    trouble.textContent = error.message;
  }
}

// One button, which stands at the line that the mouse or the focus is on.
function offer(event) {
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
    again("");
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
keepDraft();
