// Notes of one's own while a session runs. What stands on the page is what the session has: every note that is kept
// comes back as an event, also after the page was loaded again. What is not kept yet is a draft.

import { clock } from "./clock.js";
import { draftOf, rememberDraft } from "./draft.js";
import { problemOf } from "./problem.js";

const form = document.querySelector("#write");
const field = document.querySelector("#note");
const button = form?.querySelector("button");
const status = document.querySelector("#note-status");
const kept = document.querySelector("#kept");
const SAVE_MILLISECONDS = 3000;
const LATE_MILLISECONDS = 3000;
let session = null;
let changed = null;
// Whether the note that is in the field was first kept from there, while it was being typed.
let fresh = false;
let saving = 0;
let unanswered = false;
let sending = Promise.resolve();

// From now on notes belong to this session; null: it takes none any more.
export function takeNotes(id) {
  if (id === session) return;
  session = id;
  field.disabled = button.disabled = !id;
  status.textContent = "";
  const draft = id && !field.value ? draftOf(id) : null;
  if (!draft) return;
  field.value = draft.text;
  changed = draft.at;
  fresh = draft.fresh;
}

// Keep what was typed but not kept, before the session ends.
export async function keepUnsaved() {
  if (session && field.value.trim()) await keep();
}

export function showNote({ at, text }) {
  const old = [...kept.children].find((one) => one.dataset.at === String(at));
  if (!text) {
    old?.remove();
    return;
  }
  const item = old ?? document.createElement("li");
  item.dataset.at = at;
  const time = document.createElement("time");
  time.textContent = clock(at);
  const words = document.createElement("span");
  words.textContent = text;
  item.replaceChildren(time, words, act("Change", at, () => change(at, words)), act("Delete", at, () => remove(at)));
  if (!old) kept.prepend(item);
}

function act(name, at, does) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = name;
  made.setAttribute("aria-label", `${name} the note at ${clock(at)}`);
  made.addEventListener("click", does);
  return made;
}

async function send(note) {
  // A server that hangs takes what is on its way to it later; sent again, it would be there twice.
  const late = setTimeout(() => { status.textContent = "The server does not answer yet; the note is on its way."; }, LATE_MILLISECONDS);
  try {
    const response = await fetch(`/api/v1/sessions/${session}/notes`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(note),
    });
    const answer = await response.json();
    unanswered = false;
    if (response.ok) return answer;
    status.textContent = response.status === 409 ? "The session takes no notes just now; this one stays here." : problemOf(answer);
  } catch {
    unanswered = true;
    status.textContent = "The server does not answer, so the note is not kept yet; it is tried again by itself.";
  } finally {
    clearTimeout(late);
  }
  return null;
}

// whole: it is written to its end; else it stays in the field, and more of it may follow.
function keep(whole = true) {
  clearTimeout(saving);
  saving = 0;
  sending = sending.then(() => put(whole));
  return sending;
}

async function put(whole) {
  const text = field.value;
  if (!session || !text.trim() || (!whole && changed !== null && !fresh)) return;
  const before = unanswered;
  const note = await send({ text, at: changed });
  if (!note) {
    if (unanswered) saving ||= setTimeout(() => keep(whole), SAVE_MILLISECONDS);
    return;
  }
  if (before) status.textContent = "The server answers again.";
  if (!whole) {
    fresh = true;
    changed = note.at;
    remember();
    return;
  }
  status.textContent = `The note at ${clock(note.at)} is ${changed === null || fresh ? "kept" : "changed"}.`;
  changed = null;
  fresh = false;
  // Who types on meanwhile keeps what came after.
  field.value = field.value.startsWith(text) ? field.value.slice(text.length) : field.value;
  remember();
}

async function change(at, words) {
  if (changed === null || fresh) await keepUnsaved();
  changed = at;
  fresh = false;
  field.value = words.textContent;
  status.textContent = `Changing the note at ${clock(at)}. Escape leaves it as it was.`;
  field.focus();
  remember();
}

async function remove(at) {
  if (!await send({ text: "", at })) return;
  status.textContent = `The note at ${clock(at)} is deleted.`;
  if (changed === at) {
    changed = null;
    if (fresh) field.value = "";
    fresh = false;
  }
  remember();
  // The button that had the focus is about to go.
  field.focus();
}

function remember() {
  if (session) rememberDraft(session, { text: field.value, at: changed, fresh });
}

// Browsers put drafts onto the disk when they like, the server at once. A note that is being changed waits for Enter,
// for it may be left as it was.
function typed() {
  remember();
  if (changed === null || fresh) saving ||= setTimeout(() => keep(false), SAVE_MILLISECONDS);
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  keep();
});
field?.addEventListener("input", typed);
field?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    keep();
  } else if (event.key === "Escape" && changed !== null && !fresh) {
    changed = null;
    field.value = "";
    status.textContent = "The note stays as it was.";
    remember();
  }
});
