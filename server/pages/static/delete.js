// Deletes what the page shows, and goes back to the list.

import { rememberDraft } from "./draft.js";
import { problemOf } from "./problem.js";

const deletion = document.querySelector("#deletion");
const button = deletion.querySelector("button");
const status = deletion.querySelector("[role=status]");

button.addEventListener("click", async () => {
  button.disabled = true;
  try {
    const response = await fetch(deletion.dataset.address, { method: "DELETE" });
    // Deleted in another window: then it is gone as well.
    if (response.ok || response.status === 404) {
      rememberDraft(deletion.dataset.address.split("/").pop(), null);
      location.replace(deletion.dataset.list);
    } else status.textContent = problemOf(await response.json());
  } catch {
    status.textContent = "The server does not answer. Is it still running?";
  }
  button.disabled = false;
});
deletion.hidden = false;
