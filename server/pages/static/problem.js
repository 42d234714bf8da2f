// What the API says went wrong, as one line.

export function problemOf(details) {
  if (!details?.detail) return "Something went wrong. Try again.";
  return details.fix ? `${details.detail}. ${details.fix}.` : `${details.detail}.`;
}
