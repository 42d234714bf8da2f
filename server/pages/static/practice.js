// The live page: sound goes out, events come in, and the page shows them. A page that is loaded again, or whose
// connection was lost, goes on where the session is.

import { NoMicrophone, openMicrophone } from "./microphone.js";
import { keepUnsaved, takeNotes } from "./notes.js";
import { problemOf } from "./problem.js";
import { ended, showEvent, showSilence, showState, tellDue } from "./stage.js";

const page = document.querySelector("#live");
const status = document.querySelector("#status");
const begin = document.querySelector("#begin");
const end = document.querySelector("#end");
const level = document.querySelector(".level");
const anew = document.querySelector("#anew a");
const choice = document.querySelector("#microphone");
const TAKEN_OVER = 4000;
const AGAIN_MILLISECONDS = 1000;
const MOST_TRIES = 20;
const MOST_WAITING_BYTES = 320_000;
const QUIET_MILLISECONDS = 4000;

let id = page.dataset.id;
let microphone = null;
let socket = null;
let seen = 0;
let tries = 0;
let ending = false;
let problem = null;
let told = 0;

function say(text, alert = false) {
  status.textContent = text;
  status.className = alert ? "alert" : "";
}

// The desk's microphone and loudspeaker are the server's; otherwise sound goes out from here.
function hearsDesk() {
  return (choice?.value ?? page.dataset.microphone) === "desk";
}

async function create() {
  const { problem, framework, level: seniority, minutes } = page.dataset;
  const terms = {
    problem: problem || null,
    framework,
    level: seniority,
    minutes: Number(minutes),
    microphone: choice.value,
    strictness: document.querySelector("#strictness").value,
    nudges: document.querySelector("#nudges").checked,
  };
  const address = new URL(anew.href);
  for (const name of ["strictness", "nudges"]) address.searchParams.set(name, terms[name]);
  anew.href = address;
  const response = await fetch("/api/v1/sessions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(terms),
  });
  const made = await response.json();
  if (!response.ok) throw new NoMicrophone(problemOf(made));
  id = made.id;
  history.replaceState(null, "", `/practice/${id}`);
}

async function start() {
  begin.disabled = true;
  say("Opening the microphone …");
  try {
    if (!hearsDesk()) microphone ??= await openMicrophone(send, () => say("The microphone is gone. Plug it in and load this page again: the session waits 20 seconds.", true));
    if (microphone?.sleeping()) await Promise.race([microphone.wake(), new Promise((done) => { setTimeout(done, 500); })]);
    if (microphone?.sleeping()) {
      begin.textContent = "Go on";
      begin.hidden = false;
      begin.disabled = false;
      say("The browser waits for you: press “Go on”.", true);
      return;
    }
    if (!id) await create();
    document.querySelector("#choose")?.setAttribute("hidden", "");
    begin.hidden = true;
    say("Getting ready to listen …");
    connect();
  } catch (error) {
    begin.hidden = false;
    begin.disabled = false;
    say(error instanceof NoMicrophone ? error.message : "The server does not answer. Is it still running?", true);
  }
}

function send(piece) {
  if (socket?.readyState === WebSocket.OPEN && socket.bufferedAmount < MOST_WAITING_BYTES) socket.send(piece);
}

function connect() {
  socket = new WebSocket(`ws://${location.host}/api/v1/sessions/${id}/live?after=${seen}`);
  socket.addEventListener("open", () => {
    tries = 0;
    told = 0;
    end.hidden = false;
    level.hidden = false;
  });
  socket.addEventListener("message", (message) => {
    const event = JSON.parse(message.data);
    if (event.event === "state") {
      told = Date.now();
      showState(event);
      takeNotes(id);
      if (!ending) say(event.message ?? "Listening.");
    } else if (event.event === "problem") {
      problem = problemOf(event);
    } else {
      seen += 1;
      showEvent(event);
    }
  });
  socket.addEventListener("close", (closed) => {
    if (ended() !== null) leave();
    else if (closed.code === TAKEN_OVER) stop("This session goes on in another window.");
    else if (closed.code === 1011) giveUp();
    else again();
  });
}

async function again() {
  tries += 1;
  try {
    const response = await fetch(`/api/v1/sessions/${id}`);
    const { state } = await response.json();
    if (state === "finished") {
      leave();
      return;
    }
    if (state === "unfinished" && tries > 3) {
      stop("The session cannot begin: another one may be under way. End that one, then load this page again.");
      return;
    }
  } catch { /* the server is away; it is asked again */ }
  if (tries > MOST_TRIES) {
    stop("The connection is lost. What was said until then is kept: load this page again.");
    return;
  }
  showSilence();
  say("The connection was lost; trying again …", true);
  setTimeout(connect, AGAIN_MILLISECONDS);
}

function stop(text) {
  microphone?.close();
  takeNotes(null);
  end.hidden = true;
  level.hidden = true;
  say(text, true);
}

// A session that could not be held keeps its microphone; another one may have the other.
function giveUp() {
  stop(problem ?? "The session could not be held.");
  anew.parentElement.hidden = false;
}

function leave() {
  microphone?.close();
  location.replace(`/sessions/${id}`);
}

async function finish() {
  ending = true;
  end.disabled = true;
  await keepUnsaved();
  say("Writing down your last words …");
  if (socket.readyState === WebSocket.OPEN) socket.send("end");
}

// Held in a terminal: the browser goes on after the last event by itself when the stream breaks off.
function watch() {
  const names = ["session_started", "audio_started", "interviewer_spoke", "words_heard", "noted", "audio_gap", "session_ended"];
  const stream = new EventSource(`/api/v1/sessions/${id}/events`);
  for (const name of names) {
    stream.addEventListener(name, (event) => {
      showEvent(JSON.parse(event.data));
      if (ended() !== null) {
        stream.close();
        leave();
      }
    });
  }
}

// A server that hangs closes nothing.
setInterval(() => {
  if (!told || ending || socket.readyState !== WebSocket.OPEN || Date.now() - told < QUIET_MILLISECONDS) return;
  showSilence();
  say("The server does not answer. The session goes on as soon as it does.", true);
}, 1000);
begin.addEventListener("click", start);
end.addEventListener("click", finish);
tellDue(0);
if (page.dataset.state === "live") start();
if (page.dataset.state === "elsewhere") watch();
