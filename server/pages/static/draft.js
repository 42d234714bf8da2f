// The note that was typed and not kept yet. It lies with the browser, so that neither an end of the server nor one of the
// browser loses it: the live page shows it again, and once the session is over the review keeps it.

const name = (session) => `note of ${session}`;

// at: the second of the note that is being changed; null for a new one.
export function rememberDraft(session, text, at) {
  if (text.trim()) localStorage.setItem(name(session), JSON.stringify({ text, at }));
  else localStorage.removeItem(name(session));
}

export function draftOf(session) {
  return JSON.parse(localStorage.getItem(name(session)));
}
