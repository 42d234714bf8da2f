// Filters over findings and lines, and the search.

import { highlight, letters, lines } from "./transcript.js";

const form = document.querySelector("#filters");
const status = document.querySelector("#status");
const findings = [...document.querySelectorAll(".finding")];
const MOST_FOUND = 500;
let found = [];
let at = -1;

export function visibleFindings() {
  return findings.filter((finding) => !finding.hidden);
}

function filter() {
  const { stage, severity, code } = Object.fromEntries(new FormData(form));
  const shown = new Set();
  for (const [index, finding] of findings.entries()) {
    const of = finding.dataset;
    finding.hidden = Boolean((stage && of.stage !== stage) || (severity && of.severity !== severity) || (code && of.code !== code));
    if (!finding.hidden) shown.add(String(index + 1));
  }
  const byFinding = Boolean(severity || code);
  let count = 0;
  for (const { element } of lines) {
    const numbers = (element.dataset.findings ?? "").split(" ");
    const kept = byFinding ? numbers.some((number) => shown.has(number)) : !stage || element.dataset.stage === stage;
    element.hidden = !kept;
    count += kept ? 1 : 0;
  }
  for (const band of document.querySelectorAll(".band")) band.hidden = !band.querySelector(".said:not([hidden])");
  status.textContent = stage || byFinding ? `${shown.size} of ${findings.length} findings, ${count} of ${lines.length} lines` : "";
}

function search() {
  const wanted = form.elements.search.value.trim().toLowerCase();
  found = [];
  at = -1;
  if (wanted.length > 1) {
    for (const line of lines) {
      const text = line.text.textContent.toLowerCase();
      for (let place = text.indexOf(wanted); place >= 0 && found.length < MOST_FOUND; place = text.indexOf(wanted, place + 1)) {
        found.push({ line, range: letters(line, place, place + wanted.length) });
      }
    }
    status.textContent = found.length ? `${found.length}${found.length === MOST_FOUND ? "+" : ""} found; Enter goes to the next` : "Nothing found";
  } else {
    filter();
  }
  highlight("found", found.map((one) => one.range));
  highlight("chosen", []);
}

function step(by) {
  if (!found.length) return;
  at = (at + by + found.length) % found.length;
  const { line, range } = found[at];
  if (line.element.hidden) {
    for (const name of ["stage", "severity", "code"]) form.elements[name].value = "";
    filter();
  }
  line.element.scrollIntoView({ block: "center" });
  highlight("chosen", [range]);
  status.textContent = `${at + 1} of ${found.length}`;
}

export function focusSearch() {
  form.elements.search.focus();
  form.elements.search.select();
}

export function install() {
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => { if (event.target.id !== "search") filter(); });
  form.elements.search.addEventListener("input", search);
  form.elements.search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") {
      event.target.value = "";
      search();
      event.target.blur();
    }
  });
}
