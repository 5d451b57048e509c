// The list, live. An event is a hint that something is new: the list is asked for again, and what
// the table says is shown. Without this file the page is the same, and reloaded by hand.
const PAUSE = 1000; // milliseconds between two looks, however many missions arrive
let events;
let looking = false;

const list = (page) => page.querySelector("#missions");

const look = async () => {
  looking = false;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [old, renewed] = [list(document), list(page)];
  if (!old || !renewed) return;
  for (const row of renewed.querySelectorAll("[id]")) {
    if (!document.getElementById(row.id)) row.classList.add("new");
  }
  const focused = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
  old.replaceWith(document.adoptNode(renewed));
  if (focused) renewed.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
};

const hint = () => {
  if (looking) return;
  looking = true;
  setTimeout(look, PAUSE);
};

// A tab that nobody sees holds no connection.
const listen = () => {
  events?.close();
  if (document.hidden) return;
  events = new EventSource("/missions/events");
  events.addEventListener("mission.created", hint);
  events.addEventListener("open", hint); // for what was stored while nobody listened
};

// An older page does not change.
if (!new URLSearchParams(location.search).has("cursor")) {
  document.addEventListener("visibilitychange", listen);
  listen();
}
