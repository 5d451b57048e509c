// Asks for missions without leaving the page, and moves a light through the picture by the stamps of
// that mission. Without this file the form does the same with a page of its own.
const SHOWN = 3200; // milliseconds that the way takes on the screen, however short it was
const form = document.querySelector("form.ask");
const told = document.querySelector("#told");
const svg = document.querySelector(".drawn svg");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const button = form.querySelector("button");

const micros = (time) => Date.parse(`${time.slice(0, 19)}Z`) * 1000 + Number(time.slice(20, 26));
const box = (name) => svg.querySelector(`[data-box="${name}"]`);

// The middle of a box.
const middle = (name) => {
  const { e, f } = box(name).transform.baseVal.getItem(0).matrix;
  const { width, height } = box(name).querySelector("rect").getBBox();
  return [e + width / 2, f + height / 2];
};

// Where a light is when: its own way for each worker, and one for the request.
const ways = ({ admitted, attempts, hops, replied }) => {
  const of = (role) => hops.findLast((hop) => hop.role === role);
  const [decider, persister] = [of("decider"), of("persister")];
  const way = [[admitted, "gateway"], [attempts.at(-1).published, "mission.requests"], [decider.received, "decider"]];
  if (persister) {
    way.push([persister.asked ?? decider.done, "mission.decisions"], [persister.received, "persister"], [persister.done, "persister"]);
  }
  way.push([replied, "gateway"]);
  const workers = hops.filter((hop) => box(hop.role) && ![decider, persister].includes(hop));
  const asked = workers.map((hop) => [
    [hop.asked ?? decider.received, "decider"],
    [hop.received, hop.role],
    [hop.done, hop.role],
    [persister?.asked ?? hop.done, "decider"],
  ]);
  return [way, ...asked];
};

const move = (way, begin, length) => {
  const light = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  light.setAttribute("r", 9);
  light.setAttribute("class", "light");
  svg.append(light);
  let last = 0;
  const frames = way.map(([time, name]) => {
    const [x, y] = middle(name);
    last = Math.min(1, Math.max(last, (micros(time) - begin) / length)); // clocks may disagree
    return { transform: `translate(${x}px, ${y}px)`, offset: last };
  });
  const [first, end] = [frames[0], frames.at(-1)];
  if (first.offset > 0) frames.unshift({ ...first, offset: 0 });
  if (end.offset < 1) frames.push({ ...end, offset: 1 });
  return light.animate(frames, { duration: SHOWN }).finished.finally(() => light.remove());
};

const shine = async (timeline) => {
  if (!svg || still.matches || !timeline?.replied || !timeline.hops.length) return;
  const begin = micros(timeline.admitted);
  const length = Math.max(1, micros(timeline.replied) - begin);
  await Promise.all(ways(timeline).map((way) => move(way, begin, length)));
};

const line = (...parts) => {
  const paragraph = document.createElement("p");
  paragraph.append(...parts);
  told.replaceChildren(paragraph);
};
const link = (href, text) => Object.assign(document.createElement("a"), { href, textContent: text });

const say = (said, location, timeline) => {
  const [mission] = said.missions ?? [said];
  const more = said.missions ? ` and ${said.missions.length - 1} more` : "";
  const took = timeline?.replied && (micros(timeline.replied) - micros(timeline.admitted)) / 1000;
  const time = took ? `${took.toFixed(1)} ms; you were answered after the commit. ` : "You were answered after the commit. ";
  line(link(location, `${mission.objective} ${mission.target}`), `${more}. `, time);
};

const json = async (answer) => (answer.ok ? answer.json() : null);

const ask = async () => {
  const fields = new FormData(form);
  const count = Number(fields.get("count"));
  const body = JSON.stringify(count === 1 ? {} : { count });
  const headers = { accept: "application/json", "content-type": "application/json", "idempotency-key": fields.get("key") };
  const answer = await fetch("/missions", { method: "POST", headers, body });
  const location = answer.headers.get("location");
  if (answer.status !== 201) {
    // What is not there yet, and what went wrong, have pages.
    if (answer.status === 202) return window.location.assign(location);
    const problem = await answer.json();
    return line(`${problem.title}: ${problem.detail}. ${problem.repeat ?? ""}`);
  }
  const said = await answer.json();
  const first = said.missions?.[0] ?? said;
  const timeline = await fetch(`/missions/${first.id}/timeline`).then(json).catch(() => null);
  await shine(timeline);
  say(said, location, timeline);
  form.elements.key.value = crypto.randomUUID?.() ?? form.elements.key.value;
};

form.addEventListener("submit", async (event) => {
  if (!crypto.randomUUID) return; // not over plain HTTP from another machine: the form asks
  event.preventDefault();
  button.disabled = true;
  await ask().catch(() => line("The gateway did not answer. Ask again: it is safe to repeat, the form has a key."));
  button.disabled = false;
});

// Whoever comes back to this page asks for another mission.
addEventListener("pageshow", (event) => {
  if (event.persisted && crypto.randomUUID) form.elements.key.value = crypto.randomUUID();
});

// The address that this browser really used, and a button that copies it.
const command = document.querySelector("#curl");
command.textContent = `curl -X POST ${location.origin}/missions`;
if (navigator.clipboard) {
  const copy = Object.assign(document.createElement("button"), { type: "button", className: "quiet copy", textContent: "Copy" });
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(command.textContent);
    copy.textContent = "Copied";
  });
  command.closest("pre").after(copy);
}
