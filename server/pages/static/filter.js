// Filters over findings and lines, and the search.

import { highlight, letters, lineAt, lines } from "./transcript.js";

const form = document.querySelector("#filters");
const status = document.querySelector("#status");
const unsaid = document.querySelector("#unsaid");
const findings = [...document.querySelectorAll(".finding")];
const MOST_FOUND = 500;
let found = [];
let at = -1;
let searching = false;
let filtered = "";

function tell() {
  const told = [];
  if (searching && !found.length) told.push("Nothing found");
  if (found.length) {
    const hidden = found.filter(({ line }) => line.element.hidden).length;
    told.push(`${found.length}${found.length === MOST_FOUND ? "+" : ""} found${hidden ? `, ${hidden} of them hidden by the filters` : ""}; Enter goes to the next`);
  }
  if (filtered) told.push(filtered);
  status.textContent = told.join(". ");
}

export function visibleFindings() {
  return findings.filter((finding) => !finding.hidden);
}

// A finding about no stage in particular belongs to those of its lines, or to the one its second lies in.
function stagesOf({ dataset }) {
  if (dataset.stage) return [dataset.stage];
  const cited = dataset.lines ? dataset.lines.split(" ").map((id) => document.getElementById(`u${id}`)) : [lines[lineAt(Number(dataset.start))]?.element];
  return cited.map((line) => line?.dataset.stage);
}

function filter() {
  const { stage, severity, code } = chosen();
  const shown = new Set();
  for (const [index, finding] of findings.entries()) {
    const of = finding.dataset;
    finding.hidden = Boolean((stage && !stagesOf(finding).includes(stage)) || (severity && of.severity !== severity) || (code && of.code !== code));
    if (!finding.hidden) shown.add(String(index + 1));
  }
  const cited = ({ element }) => (element.dataset.findings ?? "").split(" ").some((number) => shown.has(number));
  // What was never said has no line to show.
  const byFinding = Boolean(severity || code) && lines.some(cited);
  let count = 0;
  for (const line of lines) {
    const { element } = line;
    const kept = byFinding ? cited(line) : !stage || element.dataset.stage === stage;
    element.hidden = !kept;
    count += kept ? 1 : 0;
  }
  for (const band of document.querySelectorAll(".band")) band.hidden = !band.querySelector(".said:not([hidden])");
  unsaid.hidden = !stage || count > 0;
  filtered = stage || severity || code ? `${shown.size} of ${findings.length} findings, ${count} of ${lines.length} lines` : "";
  tell();
}

function search() {
  const wanted = form.elements.search.value.trim().toLowerCase();
  found = [];
  at = -1;
  searching = wanted.length > 1;
  if (searching) {
    for (const line of lines) {
      const text = line.text.textContent.toLowerCase();
      for (let place = text.indexOf(wanted); place >= 0 && found.length < MOST_FOUND; place = text.indexOf(wanted, place + 1)) {
        found.push({ line, range: letters(line, place, place + wanted.length) });
      }
    }
  }
  tell();
  highlight("found", found.map((one) => one.range));
  highlight("chosen", []);
}

// What is chosen at present, to be chosen again on the page that is shown anew.
export function chosen() {
  return Object.fromEntries(new FormData(form));
}

export function choose(values) {
  for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  filter();
  search();
}

// Show a finding or line that the filters hide.
export function reveal(element) {
  if (!element.hidden) return;
  for (const name of ["stage", "severity", "code"]) form.elements[name].value = "";
  filter();
}

function step(by) {
  if (!found.length) return;
  at = (at + by + found.length) % found.length;
  const { line, range } = found[at];
  const lifted = line.element.hidden;
  reveal(line.element);
  line.element.scrollIntoView({ block: "center" });
  highlight("chosen", [range]);
  status.textContent = `${at + 1} of ${found.length}${lifted ? "; the filters are lifted, which hid it" : ""}`;
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
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#f"], a[href^="#u"]');
    if (link) reveal(document.querySelector(link.getAttribute("href")));
  });
  form.elements.search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") {
      event.target.value = "";
      search();
      // In the field, keys would be letters again.
      document.querySelector("#transcript").focus({ preventScroll: true });
    }
  });
}
