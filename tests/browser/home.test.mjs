// The first page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, complaints } from "./browser.mjs";
import { judge, quiet } from "./judge.mjs";
import { start, stored, timeline } from "./product.mjs";
import { eventually } from "./waiting.mjs";

const BUTTON = { name: "New mission" };
// Bytes that a server sends before it has heard that the first of them arrived (RFC 6928).
const AT_ONCE = 14_600;

// In the page: the places of each light with their times, as parts of its whole way.
const lights = () => document.getAnimations().map(({ effect }) => effect.getKeyframes().map(({ transform, offset }) => ({ transform, offset })));

// In the page: where each light is.
const places = () => [...document.querySelectorAll(".light")].map((light) => JSON.stringify(light.getBoundingClientRect()));

// There is a light for the request and one for each worker. They pass every box, and the first one gets to the decider
// when the decider had the request.
const goesByTheStamps = (ways, { admitted, replied, hops }) => {
  assert.equal(ways.length, 3);
  assert.equal(new Set(ways.flat().map(({ transform }) => transform)).size, 7, JSON.stringify(ways));
  const micros = (time) => Date.parse(`${time.slice(0, 19)}Z`) * 1000 + Number(time.slice(20, 26));
  const { received } = hops.find(({ role }) => role === "decider");
  const meant = (micros(received) - micros(admitted)) / (micros(replied) - micros(admitted));
  assert.ok(Math.abs(ways[0][2].offset - meant) < 0.001, `${meant}: ${JSON.stringify(ways[0])}`);
};

test("a mission is asked for without leaving the page, a light moves, and the page says the time", async (t) => {
  const product = await start(t);
  const page = await open(t, product);
  await page.goto("/");
  await judge(page, "home");
  await page.getByRole("button", BUTTON).click();
  await page.locator(".light").first().waitFor({ state: "attached" });
  const ways = await page.evaluate(lights);
  const [place] = await page.evaluate(places);
  await eventually("a light has moved", async () => {
    const [now] = await page.evaluate(places);
    return now !== undefined && now !== place;
  });
  const told = page.locator("#told p");
  await told.waitFor();
  assert.match(await told.textContent(), /\d\.\d ms; you were answered after the commit/);
  assert.equal(await page.locator(".light").count(), 0, "the lights are gone");
  assert.equal(new URL(page.url()).pathname, "/");
  const id = (await page.locator("#told a").getAttribute("href")).split("/").at(-1);
  goesByTheStamps(ways, await timeline(product, id));
  await judge(page, "home-told");
  await page.reload();
  assert.equal(await stored(product), 1, "a reload asks for nothing");
  await page.getByRole("button", BUTTON).click();
  await page.locator("#told a").click();
  await page.getByRole("heading", { level: 1, name: "should you choose to accept it" }).waitFor();
  assert.equal(await stored(product), 2);
  quiet(page, "home");
});

test("with reduced motion nothing moves", async (t) => {
  const page = await open(t, await start(t), { reducedMotion: "reduce" });
  await page.goto("/");
  await page.evaluate(() => {
    window.moved = 0;
    new MutationObserver(() => { window.moved += document.getAnimations().length; })
      .observe(document, { subtree: true, childList: true, attributes: true });
  });
  await page.getByRole("button", BUTTON).click();
  await page.locator("#told p").waitFor();
  assert.equal(await page.evaluate(() => window.moved), 0);
});

test("several missions are one request, and lead to their page", async (t) => {
  const product = await start(t);
  const page = await open(t, product);
  await page.goto("/");
  await page.getByLabel("How many").fill("3");
  await page.getByRole("button", BUTTON).click();
  await page.locator("#told p").waitFor();
  assert.match(await page.locator("#told").textContent(), /and 2 more/);
  await page.locator("#told a").click();
  await page.getByRole("heading", { name: "Your missions" }).waitFor();
  assert.equal(await page.locator("tbody tr").count(), 3);
  await judge(page, "several");
});

test("a double click makes one mission, with and without JavaScript, and a reload no second one", async (t) => {
  const product = await start(t);
  const page = await open(t, product);
  await page.goto("/");
  await page.getByRole("button", BUTTON).dblclick();
  await page.locator("#told p").waitFor();
  assert.equal(await stored(product), 1);
  const plain = await open(t, product, { script: false });
  await plain.goto("/");
  await plain.getByRole("button", BUTTON).dblclick();
  await plain.waitForURL("**/missions/*");
  await plain.reload();
  assert.equal(await stored(product), 2);
  quiet(plain, "home without JavaScript");
});

test("a count that is too large is not sent, and a gateway that is away is said", async (t) => {
  const product = await start(t);
  const page = await open(t, product);
  await page.goto("/");
  await page.getByLabel("How many").fill("257");
  await page.getByRole("button", BUTTON).click();
  assert.equal(await page.evaluate(() => document.querySelector("#count").validity.rangeOverflow), true);
  assert.equal(await stored(product), 0);
  await page.getByLabel("How many").fill("1");
  await product.stop();
  await page.getByRole("button", BUTTON).click();
  await eventually("it says so", async () => /did not answer/.test(await page.locator("#told").textContent()));
  assert.match(complaints(page).join(), /ERR_CONNECTION_REFUSED/);
});

test("what the first page weighs, and how long it takes, is reported", async (t) => {
  const page = await open(t, await start(t));
  await page.goto("/", { waitUntil: "load" });
  const [bytes, milliseconds] = await page.evaluate(() => {
    const [own] = performance.getEntriesByType("navigation");
    const all = [own, ...performance.getEntriesByType("resource")];
    return [all.reduce((sum, entry) => sum + entry.transferSize, 0), own.loadEventStart];
  });
  t.diagnostic(`the first page: ${bytes} bytes transferred, load event after ${milliseconds.toFixed(0)} ms`);
  assert.ok(bytes > 0 && bytes < 50_000, `${bytes} bytes`);
});

test("the first page is painted after two requests, which fit into what a server sends without waiting", async (t) => {
  const page = await open(t, await start(t));
  const [asked, held] = [[], []];
  await page.route("**/*", (route) => {
    const kind = route.request().resourceType();
    asked.push(kind);
    if (["document", "stylesheet"].includes(kind)) return route.continue();
    held.push(route); // until the page is painted without it
  });
  await page.goto("/", { waitUntil: "commit" });
  const { first, blocking, bytes } = await eventually("the page is painted", () => page.evaluate(() => {
    const [first] = performance.getEntriesByName("first-contentful-paint");
    const [own] = performance.getEntriesByType("navigation");
    const blocking = performance.getEntriesByType("resource").filter((entry) => entry.renderBlockingStatus === "blocking");
    const bytes = [own, ...blocking].reduce((sum, entry) => sum + entry.transferSize, 0);
    return first && { first: first.startTime, blocking: blocking.map((entry) => entry.initiatorType), bytes };
  }));
  assert.deepEqual(blocking, ["link"], "one style sheet, and no script");
  assert.deepEqual(asked.filter((kind) => ["document", "stylesheet"].includes(kind)), ["document", "stylesheet"]);
  assert.ok(held.length > 0, "its script is asked for, and nothing waits for it");
  assert.ok(bytes < AT_ONCE, `${bytes} bytes until it is painted`);
  t.diagnostic(`the first page: painted after ${first.toFixed(0)} ms, ${bytes} bytes`);
  for (const route of held) await route.continue();
});
