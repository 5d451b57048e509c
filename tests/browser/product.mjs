// The product: its processes, and every role in one of them on a port and with a database file of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PATIENCE } from "./waiting.mjs";

const BINARY = process.env.BROWSER_PRODUCT
  ?? fileURLToPath(new URL("../../target/debug/spymission", import.meta.url));

// The developer's own SPYMISSION_ variables are not passed on.
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SPYMISSION_")));

// Starts it with these arguments and variables; the test ends it. `log` is what it has said so far.
export const run = (t, flags, variables = {}) => {
  const child = spawn(BINARY, flags, { env: { ...environment, ...variables }, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => { log += data; });
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    await ended;
    clearTimeout(late);
  };
  t.after(stop);
  return { child, ended, log: () => log, stop };
};

// Starts everything in one process with these flags. `url` is its address, `database` its file.
export const start = async (t, ...flags) => {
  const folder = await mkdtemp(join(tmpdir(), "spymission-browser-"));
  const database = join(folder, "missions.db");
  const { child, log, stop } = run(t, ["up", "--listen", "127.0.0.1:0", "--database", `sqlite:${database}`, ...flags]);
  t.after(() => rm(folder, { recursive: true }));
  return { url: await greeting(child, log), database, stop };
};

// The address of the greeting, which it prints when it is ready.
const greeting = (product, log) => new Promise((resolve, reject) => {
  const late = setTimeout(() => reject(new Error(`the product is not ready: ${log()}`)), PATIENCE);
  product.stdout.on("data", () => {
    const found = log().match(/^ready .* open (http:\S+)$/m);
    if (!found) return;
    clearTimeout(late);
    resolve(found[1]);
  });
  product.once("error", reject);
  product.once("exit", (code) => reject(new Error(`the product ended with ${code}: ${log()}`)));
});

// Asks for missions as a program does, and returns them.
export const request = async (product, count = 1) => {
  const answer = await fetch(`${product.url}/missions`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ count }),
  });
  return (await answer.json()).missions;
};

// How many missions the list has, as far as one page of it tells.
export const stored = async (product) => {
  const answer = await fetch(`${product.url}/missions?limit=100`, { headers: { accept: "application/json" } });
  return (await answer.json()).missions.length;
};

// Who worked on a mission and when.
export const timeline = (product, id) => fetch(`${product.url}/missions/${id}/timeline`).then((answer) => answer.json());

// Begins a drill, or ends all of them.
export const drill = async (product, name) => {
  const answer = await fetch(`${product.url}/operations/drills/${name}`, { method: "POST", redirect: "manual" });
  if (answer.status >= 400) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
};
