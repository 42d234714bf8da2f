// What a running session looks like: clock, plan, and what both sides said.

import { showNote } from "./notes.js";
import { clock } from "./clock.js";

const MOST_LINES = 30;
const elapsed = document.querySelector("#elapsed");
const due = document.querySelector("#due");
const newest = document.querySelector("#newest");
const earlier = document.querySelector("#earlier");
const words = document.querySelector("#words");
const partial = document.querySelector("#partial");
const heard = document.querySelector("#heard");
const meter = document.querySelector("#level");
const plan = [...document.querySelectorAll(".plan > li")];
let endedAt = null;
let startedAt = null;
let writtenFrom = -1;

// The second at which the session ended, null before.
export function ended() {
  return endedAt;
}

// Where the plan would be by now.
export function tellDue(seconds) {
  const now = plan.findLast((one) => Number(one.dataset.start) <= seconds) ?? plan[0];
  const left = Number(now.dataset.start) + Number(now.dataset.seconds) - seconds;
  const text = left > 0 ? `By the plan: ${now.querySelector("b").textContent}, ${clock(left)} left` : "By the plan, the time is up";
  if (due.textContent !== text) due.textContent = text;
}

export function showState(state) {
  elapsed.textContent = clock(state.elapsed);
  elapsed.classList.toggle("over", state.elapsed > state.planned);
  tellDue(state.elapsed);
  meter.value = Math.max(-60, Math.min(0, state.level_db));
  heard.textContent = state.speaking ? "hears you" : "";
  showPartial(state.partial);
  for (const one of plan) {
    const here = one.dataset.stage === state.stage;
    if (here) one.setAttribute("aria-current", "step");
    else one.removeAttribute("aria-current");
    const spent = here ? state.stage_seconds : (state.stages[one.dataset.stage] ?? 0);
    const beyond = spent - (here ? state.stage_planned : Number(one.dataset.seconds));
    one.querySelector("progress").value = spent;
    const text = beyond > 0 ? `${clock(spent)}, ${clock(beyond)} over` : clock(spent);
    one.querySelector(".spent").textContent = here || spent ? text : "";
  }
}

// Nothing is known of the microphone while nobody answers.
export function showSilence() {
  meter.value = -60;
  heard.textContent = "";
}

export function showEvent(event) {
  if (event.event === "session_started") startedAt = Date.parse(event.started_at);
  if (event.event === "interviewer_spoke") addLine(event);
  if (event.event === "words_heard" && event.text) {
    words.textContent = event.text;
    writtenFrom = event.at;
    showPartial(null);
  }
  if (event.event === "note_written") showNote(event);
  if (event.event === "session_ended") endedAt = event.at;
  // Who only watches has no state to show the clock by.
  if (document.querySelector("#live").dataset.state === "elsewhere" && startedAt) {
    setInterval(() => {
      const seconds = (Date.now() - startedAt) / 1000;
      elapsed.textContent = clock(seconds);
      tellDue(seconds);
    }, 1000);
    startedAt = null;
  }
}

// Rough words of what is being said just now; what has been written down properly by then is not shown again.
function showPartial(said) {
  const text = said && said.start > writtenFrom ? said.text : "";
  if (partial.textContent !== text) partial.textContent = text;
}

// The newest line is shown whole, however long it is; those before it are read by scrolling.
function addLine(event) {
  newest.querySelector(".quiet")?.remove();
  const line = document.createElement("p");
  const time = document.createElement("time");
  time.textContent = clock(event.at);
  line.append(time, ` ${event.text}`);
  if (event.rule.startsWith("time_")) line.className = "nudge";
  earlier.prepend(...newest.children);
  newest.append(line);
  while (earlier.children.length >= MOST_LINES) earlier.lastElementChild.remove();
}
