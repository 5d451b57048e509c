// The list, live. An event is a hint that something is new: the list is asked for again, and what
// the table says is shown. Without this file the page is the same, and reloaded by hand.
const PAUSE = 1000; // milliseconds between two looks, however many missions arrive
const LONGEST = 30; // seconds between two tries to connect
let events;
let looking = false;
let paused = false;
let wait = 1; // seconds
let later;

const list = (page) => page.querySelector("#missions");

const look = async () => {
  looking = false;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || paused) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [old, renewed] = [list(document), list(page)];
  if (!old || !renewed) return;
  for (const row of renewed.querySelectorAll("[id]")) {
    if (!document.getElementById(row.id)) row.classList.add("new");
  }
  const focused = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
  old.replaceWith(document.adoptNode(renewed));
  const [before, total] = [document, page].map((of) => of.querySelector(".total"));
  if (before && total) before.textContent = total.textContent;
  if (focused) renewed.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
};

const hint = () => {
  if (looking || paused) return;
  looking = true;
  setTimeout(look, PAUSE);
};

// What is said above the list, and the button beside it.
const bar = Object.assign(document.createElement("p"), { className: "live" });
const state = Object.assign(document.createElement("span"), { role: "status" });
const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: "Pause" });
bar.append(state, button);

const say = (text, well) => {
  state.textContent = text;
  bar.classList.toggle("away", !well);
};

// A tab that nobody sees holds no connection.
const listen = () => {
  events?.close();
  clearTimeout(later);
  if (document.hidden || paused) return;
  events = new EventSource("/missions/events");
  events.addEventListener("mission.created", hint);
  events.addEventListener("open", () => {
    wait = 1;
    say("Live: new missions appear by themselves.", true);
    hint(); // for what was stored while nobody listened
  });
  events.addEventListener("error", () => {
    events.close();
    say(`Not live: the connection is gone. Next try in ${wait} s.`, wait === 1);
    later = setTimeout(listen, wait * 1000);
    wait = Math.min(wait * 2, LONGEST);
  });
};

button.addEventListener("click", () => {
  paused = !paused;
  button.textContent = paused ? "Go on" : "Pause";
  if (paused) say("Paused: the list stays as it is.", true);
  listen();
});

// An older page does not change.
if (!new URLSearchParams(location.search).has("cursor")) {
  list(document).before(bar);
  document.addEventListener("visibilitychange", listen);
  listen();
}
