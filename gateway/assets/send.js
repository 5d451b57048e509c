// The documentation of HTTP: sends the request of an operation to this gateway, as it is typed, and
// shows what came back. Without this file the page says the same, and sends nothing.
const MOST = 65536; // characters of a body that are shown
const STREAM = 3000; // milliseconds that a stream of events is listened to
const PATIENCE = 70000; // milliseconds: a gateway lets nobody wait for more than 60 s

const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};
const labelled = (label, field) => [make("label", { htmlFor: field.id, textContent: label }), field];

// The lines `name: value` as pairs.
const headersIn = (text) => text.split("\n").filter((line) => line.includes(":"))
  .map((line) => [line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1).trim()]);

// The text of an answer: the beginning of a long one, and of a stream what comes at first.
const textOf = async (answer, ended) => {
  if (!answer.body) return ["", ""];
  const stream = answer.headers.get("content-type")?.startsWith("text/event-stream");
  const late = setTimeout(() => ended.abort(), stream ? STREAM : PATIENCE);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (let part = await reader.read(); !part.done && text.length <= MOST; part = await reader.read()) text += part.value;
  } catch (error) {
    if (!ended.signal.aborted) throw error;
  }
  clearTimeout(late);
  reader.cancel().catch(() => {});
  if (ended.signal.aborted) return [text, stream ? "The stream goes on; this came in the first 3 s." : "It was not complete in time."];
  return text.length > MOST ? [text.slice(0, MOST), "The rest is not shown."] : [text, ""];
};

const readable = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

const show = async (place, address, options) => {
  const ended = new AbortController();
  const late = setTimeout(() => ended.abort(), PATIENCE);
  const began = performance.now();
  const answer = await fetch(address, { ...options, signal: ended.signal }).finally(() => clearTimeout(late));
  const took = performance.now() - began;
  const [text, note] = await textOf(answer, ended);
  const moved = answer.redirected ? `, from ${new URL(answer.url).pathname} where it led` : "";
  const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  place.replaceChildren(
    make("p", { className: "told", textContent: `${answer.status} ${answer.statusText}, ${took.toFixed(1)} ms${moved}` }),
    make("pre", { tabIndex: 0, ariaLabel: "Headers of the answer", textContent: headers }),
    make("pre", { tabIndex: 0, ariaLabel: "Body of the answer", textContent: readable(text) }),
    note,
  );
};

// What a browser, a proxy's policy or a gateway that is away leaves of the reason.
const FAILED = "No answer: the gateway is away, or a policy does not let this page send. A terminal can, as shown above.";

const formOf = (operation) => {
  const { id, dataset: { send, body } } = operation;
  const [method, path] = send.split(" ");
  const typed = body === undefined ? "" : "content-type: application/json\n";
  const address = make("input", { id: `to-${id}`, value: path, spellcheck: false, autocomplete: "off" });
  const headers = make("textarea", { id: `with-${id}`, rows: 2, value: `${typed}accept: application/json`, spellcheck: false });
  const content = make("textarea", { id: `body-${id}`, rows: 3, value: body ?? "", spellcheck: false });
  const button = make("button", { className: "quiet", textContent: "Send" });
  const place = make("div", { role: "status" });
  const fields = [labelled(`${method} to this gateway`, address), labelled("Headers", headers)];
  if (method !== "GET") fields.push(labelled("Body", content));
  const form = make("form", { className: "send" }, ...fields.flat(), button, place);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    place.textContent = "Sent; waiting for the answer.";
    const options = { method, redirect: "follow", cache: "no-store" };
    try {
      const to = new URL(address.value, location.origin);
      if (to.origin !== location.origin) throw new Error("This page sends to its own gateway only: the address begins with /");
      options.headers = new Headers(headersIn(headers.value));
      if (method !== "GET" && content.value) options.body = content.value;
      await show(place, to, options).catch((error) => { throw error.name === "TypeError" ? new Error(FAILED) : error; });
    } catch (error) {
      place.replaceChildren(make("p", { className: "told", textContent: error.message }));
    }
    button.disabled = false;
  });
  return form;
};

for (const operation of document.querySelectorAll(".operation[data-send]")) {
  operation.querySelector(".tabs").after(formOf(operation));
}
