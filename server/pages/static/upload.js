// Sends a file to be analyzed, and shows how far the analysis is.

import { problemOf } from "./problem.js";

const LOOK_MILLISECONDS = 1000;
const status = document.querySelector("#status");
const form = document.querySelector("#upload");
const running = document.querySelector("#analysis");
let cancelled = false;

function send(event) {
  event.preventDefault();
  const body = new FormData(form);
  const button = form.querySelector("button");
  const sent = document.querySelector("#sent");
  // Unlike fetch, this tells how much has been sent.
  const request = new XMLHttpRequest();
  request.open("POST", "/api/v1/analyses");
  request.responseType = "json";
  request.upload.addEventListener("progress", (step) => { sent.value = step.loaded / Math.max(1, step.total); });
  request.upload.addEventListener("load", () => { status.textContent = "Analyzing …"; });
  const fail = (text) => {
    status.textContent = text;
    status.className = "alert";
    button.disabled = false;
    sent.hidden = true;
  };
  request.addEventListener("error", () => fail("The server does not answer. Is it still running?"));
  request.addEventListener("load", () => {
    if (request.response?.id) location.assign(`/analyses/${request.response.id}`);
    else fail(problemOf(request.response));
  });
  status.className = "";
  status.textContent = "Sending …";
  sent.hidden = false;
  button.disabled = true;
  request.send(body);
}

async function cancel() {
  const button = document.querySelector("#cancel");
  button.disabled = true;
  try {
    const response = await fetch(running.dataset.address, { method: "DELETE" });
    if (response.ok) {
      cancelled = true;
      location.assign("/analyses");
    } else status.textContent = problemOf(await response.json());
  } catch {
    status.textContent = "The server does not answer. Is it still running?";
  }
  button.disabled = false;
}

async function look() {
  try {
    const response = await fetch(running.dataset.address);
    const found = await response.json();
    if (cancelled) return;
    if (found.state !== "running") {
      location.reload();
      return;
    }
    running.value = found.progress;
    status.textContent = found.detail;
  } catch {
    status.textContent = "The server does not answer. Is it still running?";
  }
  setTimeout(look, LOOK_MILLISECONDS);
}

form?.addEventListener("submit", send);
if (running) {
  const button = document.querySelector("#cancel");
  button.hidden = false;
  button.addEventListener("click", cancel);
  setTimeout(look, LOOK_MILLISECONDS);
}
