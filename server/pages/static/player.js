// The recording, and everything that moves with it: the spoken line and word, and the marks on the charts.

import { highlight, lineAt, lineOf, lines, secondAt, wordAt, wordRange } from "./transcript.js";

const audio = document.querySelector(".player audio");
const offset = Number(audio?.dataset.start ?? 0);
const follow = document.querySelector("#follow");
const tracks = [...document.querySelectorAll(".track")].map((track) => {
  const cursor = document.createElement("div");
  cursor.className = "cursor";
  cursor.hidden = true;
  track.append(cursor);
  return { track, cursor, total: Number(track.dataset.total) };
});
const STILL_MILLISECONDS = 4000;
let scrolled = -STILL_MILLISECONDS;
let shown = { line: -1, word: -1 };

export const hasSound = Boolean(audio);

export function now() {
  return audio ? audio.currentTime + offset : 0;
}

// Go to a second of the session; without a recording only the marks move.
export function seek(seconds, play = false) {
  if (audio) {
    audio.currentTime = Math.max(0, seconds - offset);
    if (play) audio.play().catch(() => {});
  }
  scrolled = -STILL_MILLISECONDS;
  show(seconds);
}

export function toggle() {
  if (!audio) return;
  if (audio.paused) audio.play().catch(() => {});
  else audio.pause();
}

function show(seconds) {
  for (const one of tracks) {
    // Only where it is seen to move: in an hour that is once in a second or more.
    const place = `${Math.min(100, (100 * seconds) / one.total).toFixed(1)}%`;
    if (place === one.place) continue;
    one.place = place;
    one.cursor.hidden = false;
    one.cursor.style.setProperty("left", place);
  }
  const number = lineAt(seconds);
  const line = lines[number];
  const word = line ? wordAt(line, seconds) : -1;
  if (number !== shown.line) {
    lines[shown.line]?.element.classList.remove("now");
    line?.element.classList.add("now");
    if (line && follow?.checked && !audio?.paused && performance.now() - scrolled > STILL_MILLISECONDS) {
      line.element.scrollIntoView({ block: "center", behavior: calm() ? "auto" : "smooth" });
    }
  }
  if (number !== shown.line || word !== shown.word) {
    highlight("now", word >= 0 && seconds <= line.end + 0.5 ? [wordRange(line, word)] : []);
  }
  shown = { line: number, word };
}

export function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function tick() {
  show(now());
  if (!audio.paused) requestAnimationFrame(tick);
}

export function install() {
  for (const kind of ["wheel", "touchmove"]) {
    addEventListener(kind, () => { scrolled = performance.now(); }, { passive: true });
  }
  for (const { track, total } of tracks) {
    track.addEventListener("click", (event) => {
      const box = track.getBoundingClientRect();
      seek(((event.clientX - box.left) / box.width) * total);
    });
  }
  document.querySelector(".transcript")?.addEventListener("click", (event) => {
    const line = lineOf(event.target);
    if (!line || event.target.closest("a.to") || !getSelection().isCollapsed) return;
    if (event.target.closest("a.at")) {
      event.preventDefault();
      seek(line.start, true);
    } else if (line.text.contains(event.target)) {
      seek(secondAt(line, event.clientX, event.clientY), true);
    }
  });
  if (!audio) return;
  audio.addEventListener("play", () => requestAnimationFrame(tick));
  audio.addEventListener("seeked", () => show(now()));
  document.querySelector("#speed").addEventListener("change", (event) => {
    audio.playbackRate = Number(event.target.value);
  });
}
