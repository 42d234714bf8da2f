// The note that was typed and not kept yet. It lies with the browser, so that neither an end of the server nor one of the
// browser loses it: the live page shows it again, and once the session is over the review keeps it.

const name = (session) => `note of ${session}`;

// draft: its text; at: the second of the note that it is to become, null for a new one; fresh: as notes.js has it.
export function rememberDraft(session, draft) {
  if (draft?.text.trim()) localStorage.setItem(name(session), JSON.stringify(draft));
  else localStorage.removeItem(name(session));
}

export function draftOf(session) {
  return JSON.parse(localStorage.getItem(name(session)));
}
