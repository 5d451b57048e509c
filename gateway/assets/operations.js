// The operations page, live. Each event is the part of the page that changes, as the server draws it.
// Without this file the page is the same, and reloaded by hand.
const OLD = 5; // seconds after which what is shown is called old
const now = document.querySelector("#now");
const AGAIN = 5000; // milliseconds
let events;
let heard = Date.now();

// Only what differs is replaced, so that a selection or the focus elsewhere stays.
const show = (html) => {
  const next = new DOMParser().parseFromString(html, "text/html");
  for (const part of next.querySelectorAll("section[id]")) {
    const shown = document.getElementById(part.id);
    if (!shown || shown.outerHTML === part.outerHTML) continue;
    if (shown.contains(document.activeElement)) continue;
    shown.replaceWith(document.adoptNode(part));
  }
  heard = Date.now();
  age();
};

const age = () => {
  const seconds = Math.round((Date.now() - heard) / 1000);
  const old = seconds >= OLD;
  now.classList.toggle("old", old);
  const shown = document.querySelector("#age");
  if (shown) shown.textContent = old ? `, ${seconds} s ago: the gateway does not answer` : `, ${seconds} s ago`;
};

// A tab that nobody sees holds no connection.
const listen = () => {
  events?.close();
  if (document.hidden) return;
  events = new EventSource("/operations/events");
  events.addEventListener("operations", (event) => show(event.data));
  events.addEventListener("error", ({ target }) => {
    // After any answer but a stream a browser gives up for good.
    if (target.readyState === EventSource.CLOSED && target === events) setTimeout(again, AGAIN);
  });
};

// A login that has ended is asked for again; anything else may have passed.
const again = async () => {
  const answer = await fetch("/operations", { method: "HEAD" }).catch(() => undefined);
  if (answer?.status === 401) location.reload();
  else listen();
};

document.addEventListener("visibilitychange", listen);
setInterval(age, 1000);
listen();
