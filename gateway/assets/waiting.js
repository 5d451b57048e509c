// The page of missions that are not stored yet, live. It is asked for again when one of its missions
// is stored, and now and then for how far they came. Without this file the page reloads itself.
const OFTEN = 4000; // milliseconds between two looks
const seen = () => document.querySelector("#seen");
const request = seen().dataset.request;
let events;

const look = async () => {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
  if (!answer) return;
  if (answer.status !== 202) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const renewed = page.querySelector("#seen");
  if (renewed && renewed.outerHTML !== seen().outerHTML) seen().replaceWith(document.adoptNode(renewed));
};

// A tab that nobody sees holds no connection.
const listen = () => {
  events?.close();
  if (document.hidden) return;
  look();
  events = new EventSource("/missions/events");
  events.addEventListener("mission.created", (event) => {
    if (event.data.includes(request)) look();
  });
};

document.addEventListener("visibilitychange", listen);
setInterval(() => document.hidden || look(), OFTEN);
listen();
