// Plays the talk from where something was said, and shows the line that is heard.

const audio = document.querySelector("audio");
const offset = Number(audio.dataset.start);
const lines = [...document.querySelectorAll(".said")].map((element) => ({
  element,
  second: Number(element.querySelector("[data-second]").dataset.second),
}));

document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-second]");
  if (!chosen) return;
  audio.currentTime = Math.max(0, Number(chosen.dataset.second) - offset);
  audio.play();
});

audio.addEventListener("timeupdate", () => {
  const heard = lines.findLast(({ second }) => second <= audio.currentTime + offset);
  for (const { element } of lines) element.classList.toggle("now", element === heard?.element);
});
