// The transcript's lines: which word is where, and when it was said. Words have no elements of their own; ranges of
// text are highlighted instead, so that an hour of talk stays a light page.

const LINES_AT_ONCE = 40;

export const lines = [...document.querySelectorAll(".said")].map((element) => ({
  element,
  text: element.querySelector(".text"),
  start: Number(element.dataset.start),
  end: Number(element.dataset.end),
  words: element.dataset.words ? element.dataset.words.split(" ").map((at) => Number(at) / 100) : [],
}));

const byElement = new Map(lines.map((line) => [line.element, line]));

export function lineOf(node) {
  const element = node instanceof Element ? node : node.parentElement;
  return byElement.get(element?.closest(".said"));
}

// The line that is spoken at a second of the session, or the last before it; -1 before the first.
export function lineAt(seconds) {
  return last(lines.length, (number) => lines[number].start <= seconds + 0.01);
}

export function wordAt(line, seconds) {
  return last(line.words.length, (number) => line.start + line.words[number] <= seconds + 0.01);
}

function last(count, holds) {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function* textNodes(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) yield walker.currentNode;
}

// Letters from `first` up to `end` of a line's text as a range.
export function letters(line, first, end) {
  const range = document.createRange();
  let before = 0;
  let begun = false;
  for (const node of textNodes(line.text)) {
    const after = before + node.length;
    if (!begun && first < after) {
      range.setStart(node, first - before);
      begun = true;
    }
    if (begun && end <= after) {
      range.setEnd(node, end - before);
      return range;
    }
    before = after;
  }
  return null;
}

export function wordRange(line, number) {
  let count = -1;
  for (const match of line.text.textContent.matchAll(/\S+/g)) {
    count += 1;
    if (count === number) return letters(line, match.index, match.index + match[0].length);
  }
  return null;
}

// The second at which the word under a place of the window begins; that of its line where words have no times.
export function secondAt(line, x, y) {
  const place = document.caretPositionFromPoint?.(x, y);
  const old = place ? null : document.caretRangeFromPoint?.(x, y);
  const node = place?.offsetNode ?? old?.startContainer;
  if (!node || !line.text.contains(node) || !line.words.length) return line.start;
  let letter = place?.offset ?? old.startOffset;
  for (const other of textNodes(line.text)) {
    if (other === node) break;
    letter += other.length;
  }
  let number = -1;
  for (const match of line.text.textContent.matchAll(/\S+/g)) {
    if (match.index > letter) break;
    number += 1;
  }
  return line.start + line.words[Math.max(0, number)];
}

export function highlight(name, ranges) {
  if (!globalThis.CSS?.highlights) return;
  CSS.highlights.set(name, new Highlight(...ranges.filter(Boolean)));
}

// Lines that are laid out only when they come onto the screen open the page sooner, but each frame of scrolling asks after
// all of them. So the rest is laid out, a few lines at a time, once the page can be used.
export function layOut(first = 0) {
  const next = first + LINES_AT_ONCE;
  for (const { element } of lines.slice(first, next)) element.classList.add("laid-out");
  if (next < lines.length) whenIdle(() => layOut(next));
}

export function whenIdle(work) {
  if (globalThis.requestIdleCallback) requestIdleCallback(work);
  else setTimeout(work, 100);
}

// Fillers get elements: with every frame in which anything changes its style, the browser goes through all highlights of
// the page, and there are hundreds of these.
export function markFillers() {
  const starts = (document.querySelector(".transcript")?.dataset.fillers ?? "").split(" ").filter(Boolean).map(Number);
  for (const start of starts) {
    const line = lines[lineAt(start)];
    const word = line ? wordAt(line, start) : -1;
    if (word < 0 || Math.abs(line.start + line.words[word] - start) >= 0.06) continue;
    const range = wordRange(line, word);
    // A quote may begin or end within a word.
    if (range?.startContainer !== range?.endContainer) continue;
    const mark = document.createElement("span");
    mark.className = "filler";
    range.surroundContents(mark);
  }
}
