// The review page: findings, transcript and sound held together, by mouse and by keyboard.

import * as filters from "./filter.js";
import * as player from "./player.js";
import { layOut, lineAt, lineOf, lines, markFillers, whenIdle } from "./transcript.js";

const STEP_SECONDS = 5;
const LEAD_SECONDS = 1;
const keys = document.querySelector("#keys");

// Lines that were never on the screen have no height of their own yet, so the first jump may miss.
function centre(element) {
  element.scrollIntoView({ block: "center" });
  requestAnimationFrame(() => element.scrollIntoView({ block: "center" }));
}

function showFinding(finding) {
  filters.reveal(finding);
  const line = document.getElementById(`u${finding.dataset.lines.split(" ")[0]}`);
  const sticky = getComputedStyle(finding.closest(".side")).position === "sticky";
  // What was never said is shown beside what was said then.
  const around = line ?? lines[lineAt(Number(finding.dataset.start))]?.element;
  if (around?.checkVisibility()) centre(around);
  else finding.closest(".columns").scrollIntoView();
  finding.focus({ preventScroll: sticky });
  if (sticky) {
    finding.closest(".side").scrollTop = finding.offsetTop - 16;
    // Beside the first lines, the findings begin further down.
    requestAnimationFrame(() => finding.scrollIntoView({ block: "nearest" }));
  }
  player.seek(Number(finding.dataset.start));
}

function stepFinding(by) {
  const visible = filters.visibleFindings();
  if (!visible.length) return;
  const at = visible.indexOf(document.activeElement.closest?.(".finding"));
  showFinding(visible[at < 0 ? (by > 0 ? 0 : visible.length - 1) : (at + by + visible.length) % visible.length]);
}

function stepLine(by) {
  const line = lineOf(document.activeElement);
  let number = lines.indexOf(line) + by;
  while (lines[number]?.element.hidden) number += by;
  if (!lines[number]) return;
  for (const one of [line, lines[number]]) one.element.querySelector(".at").tabIndex = one === line ? -1 : 0;
  lines[number].element.querySelector(".at").focus();
}

function onKey(event) {
  if (!keys.checked || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea, dialog")) return;
  // What the browser does with a key there comes first.
  if (event.key === " " && event.target.closest("button, summary, input, audio")) return;
  if (event.key.startsWith("Arrow") && event.target.closest("audio")) return;
  const onLine = event.target.closest(".at");
  const does = {
    " ": player.hasSound ? player.toggle : null,
    ArrowLeft: player.hasSound ? () => player.seek(player.now() - STEP_SECONDS) : null,
    ArrowRight: player.hasSound ? () => player.seek(player.now() + STEP_SECONDS) : null,
    ArrowUp: onLine ? () => stepLine(-1) : null,
    ArrowDown: onLine ? () => stepLine(1) : null,
    j: () => stepFinding(1),
    k: () => stepFinding(-1),
    "/": filters.focusSearch,
  }[event.key];
  if (!does) return;
  event.preventDefault();
  does();
}

function install() {
  filters.install();
  player.install();
  document.addEventListener("keydown", onKey);
  // One stop for the Tab key in the whole transcript; the arrows move between its lines.
  for (const [number, line] of lines.entries()) line.element.querySelector(".at").tabIndex = number ? -1 : 0;
  for (const marker of document.querySelectorAll(".marker")) {
    marker.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      showFinding(document.querySelector(marker.getAttribute("href")));
    });
  }
  for (const button of document.querySelectorAll(".hear")) {
    button.hidden = false;
    const finding = button.closest(".finding");
    button.addEventListener("click", () => {
      // On the button, the space key would hear it from the beginning instead of pausing.
      finding.focus({ preventScroll: true });
      player.seek(Number(finding.dataset.start) - LEAD_SECONDS, true);
    });
  }
  const second = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
  if (second) player.seek(Number(second[1]));
  whenIdle(() => {
    markFillers();
    layOut();
  });
}

install();
