// The documentation: copy buttons, the reader's own address in the examples, and the section in view
// marked in the contents. Without this file the pages are complete.
const EXAMPLE = "http://localhost:8080";
const LONG = 64; // letters of a line

for (const code of document.querySelectorAll(".tabs code")) {
  code.textContent = code.textContent.replaceAll(EXAMPLE, location.origin);
}

for (const pre of document.querySelectorAll(".docs pre")) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet copy", textContent: "Copy" });
  const around = Object.assign(document.createElement("div"), { className: "copied" });
  // The button gets a row of its own where the first line would go on below it.
  around.classList.toggle("long", pre.textContent.split("\n")[0].length > LONG);
  pre.replaceWith(around);
  around.append(pre, button);
  button.addEventListener("click", async () => {
    // What is typed, without prompts and without what is printed.
    const lines = pre.textContent.trimEnd().split("\n");
    const typed = lines.filter((line, at) => line.startsWith("$ ") || (at > 0 && lines[at - 1].endsWith("\\")));
    const text = lines[0].startsWith("$ ") ? typed.map((line) => line.replace(/^\$ /, "")) : lines;
    const done = await navigator.clipboard?.writeText(text.join("\n")).then(() => true, () => false);
    if (!done) getSelection().selectAllChildren(pre);
    button.textContent = done ? "Copied" : "Selected";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}

// The section in view: the one whose link was followed, as long as its heading is in the window; else
// the last one that begins above a line. The line moves down with the page, so that the last section
// has its turn although its heading cannot reach the top.
const links = [...document.querySelectorAll(".contents a")];
const places = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
let due = false;
const inView = () => {
  const top = (place) => place?.getBoundingClientRect().top ?? Infinity;
  const followed = links.findIndex((link) => link.hash === location.hash);
  if (followed >= 0 && top(places[followed]) >= -1 && top(places[followed]) < innerHeight) return followed;
  const way = document.documentElement.scrollHeight - innerHeight;
  const line = innerHeight * (1 + (way > 0 ? 2 * scrollY / way : 0)) / 3;
  return Math.max(places.findLastIndex((place) => top(place) < line), 0);
};
const mark = () => {
  due = false;
  const now = inView();
  links.forEach((link, at) => {
    if (at === now) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
};
const later = () => {
  if (due) return;
  due = true;
  requestAnimationFrame(mark);
};
if (links.length) {
  mark();
  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", later);
}

// A folded section opens when its link is followed.
const open = () => {
  const place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!place) return;
  for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  place.scrollIntoView();
};
addEventListener("hashchange", () => {
  open();
  later();
});
open();
