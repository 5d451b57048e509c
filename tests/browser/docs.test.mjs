// The documentation.
import assert from "node:assert/strict";
import { test } from "node:test";
import { complaints, open } from "./browser.mjs";
import { fits, judge, quiet } from "./judge.mjs";
import { start, stored } from "./product.mjs";

// The address of every page.
const pages = async (page) => {
  await page.goto("/docs");
  const all = await page.locator(".toc > ul > li > a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  assert.ok(all.length > 10, all.join());
  return all;
};

test("every page of the documentation is accessible and fits", async (t) => {
  const page = await open(t, await start(t));
  for (const path of await pages(page)) {
    await page.goto(path);
    await judge(page, path.slice(1).replaceAll("/", "-"));
  }
});

test("a tab shows another language, and the copy button copies what it shows", async (t) => {
  const product = await start(t);
  const page = await open(t, product);
  await page.goto("/docs");
  const tabs = page.locator(".tabs").first();
  await tabs.getByText("Python", { exact: true }).click();
  const shown = tabs.locator(".panel").filter({ visible: true });
  assert.equal(await shown.count(), 1);
  await shown.getByRole("button", { name: "Copy" }).click();
  await shown.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^import |^from /);
  assert.ok(copied.includes(`${product.url}/missions`), copied);
  await page.keyboard.press("Shift+Tab");
  quiet(page, "docs");
});

test("without JavaScript tabs change, folds open and nothing is missing", async (t) => {
  const page = await open(t, await start(t), { script: false });
  await page.goto("/docs");
  const tabs = page.locator(".tabs").first();
  await tabs.getByText("Rust", { exact: true }).click();
  assert.match(await tabs.locator(".panel").filter({ visible: true }).textContent(), /reqwest/);
  assert.equal(await page.getByRole("button", { name: "Copy" }).count(), 0);

  await page.goto("/docs/http");
  await page.locator("details.topic > summary").first().click();
  await page.locator("details.topic[open]").waitFor();
  assert.equal(await page.getByRole("button", { name: "Send" }).count(), 0);
  await fits(page, "docs without JavaScript");
  quiet(page, "docs without JavaScript");
});

test("the contents mark the section in view, and a link opens what it leads to", async (t) => {
  const page = await open(t, await start(t));
  await page.goto("/docs/http");
  const links = page.locator(".contents a");
  const last = links.last();
  await last.click();
  const folded = page.locator(decodeURIComponent(new URL(page.url()).hash).replace(/^#(.*)$/, "[id=\"$1\"]"));
  assert.equal(await folded.evaluate((fold) => fold.closest("details").open), true);
  await page.locator(".contents a[aria-current]").filter({ hasText: await last.textContent() }).waitFor();
  assert.equal(await page.locator(".contents a[aria-current]").count(), 1);
});

// In the page, all of whose folds are opened: the first lines that the copy button beside them covers.
const covered = () => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  const panels = [...document.querySelectorAll(".copied")].filter((around) => around.offsetParent);
  return panels.map((around) => {
    const lines = document.createTreeWalker(around.querySelector("pre"), NodeFilter.SHOW_TEXT);
    const first = lines.nextNode();
    const end = first.data.indexOf("\n");
    const range = document.createRange();
    range.setStart(first, 0);
    range.setEnd(first, end < 0 ? first.length : end);
    const [line, button] = [range, around.querySelector(".copy")].map((part) => part.getBoundingClientRect());
    const beside = line.right <= button.left || line.top >= button.bottom || line.bottom <= button.top;
    return beside ? null : range.toString();
  }).filter((text) => text);
};

test("no copy button covers a line, in a wide window and at 200 %", async (t) => {
  const page = await open(t, await start(t));
  for (const path of await pages(page)) {
    for (const width of [1280, 640]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(path);
      assert.deepEqual(await page.evaluate(covered), [], `${path}, ${width} pixels wide`);
    }
  }
});

test("a topic, and each part of one that is folded, is at most three screens", async (t) => {
  const page = await open(t, await start(t));
  const long = [];
  for (const path of await pages(page)) {
    await page.goto(path);
    const screens = await page.evaluate(() => {
      const topics = [...document.querySelectorAll("article > section, article > .prose, .topic")];
      for (const topic of topics) topic.open = true;
      const high = (topic) => [topic.querySelector("h2, h3")?.textContent ?? "its beginning", topic.getBoundingClientRect().height / innerHeight];
      const parts = [...document.querySelectorAll("details.fold, details.operation")].map((part) => {
        const before = part.open;
        part.open = true;
        const measured = high(part);
        part.open = before;
        return measured;
      });
      return [...topics.map(high), ...parts];
    });
    t.diagnostic(`${path}: ${screens.map(([title, height]) => `${title} ${height.toFixed(1)}`).join(", ")}`);
    long.push(...screens.filter(([, height]) => height > 3).map(([title]) => `${path}: ${title}`));
  }
  assert.deepEqual(long, []);
});

test("a request is sent from its documentation, as it is typed", async (t) => {
  const product = await start(t);
  const page = await open(t, product);
  await page.goto("/docs/http");
  const form = page.locator("#requestMissions form.send");
  const told = form.locator(".told");
  await form.getByRole("button", { name: "Send" }).click();
  await told.getByText(/^201 Created, \d+\.\d ms$/).waitFor();
  assert.match(await form.getByLabel("Headers of the answer").textContent(), /^location: \/missions\//m);
  assert.match(await form.getByLabel("Body of the answer").textContent(), /"dossier": /);
  assert.equal(await stored(product), 1);
  await judge(page, "docs-http-sent");
  const headers = form.getByLabel("Headers", { exact: true });
  const before = await headers.inputValue();
  await headers.fill(`${before}\nidempotency-key: as-typed`);
  for (const [body, repeated] of [["{}", false], ["{}", true]]) {
    await form.getByLabel("Body", { exact: true }).fill(body);
    await form.getByRole("button", { name: "Send" }).click();
    await told.getByText(/^201 /).waitFor();
    const answered = await form.getByLabel("Headers of the answer").textContent();
    assert.equal(/^idempotency-replayed: true$/m.test(answered), repeated, "the header was sent");
  }
  assert.equal(await stored(product), 2);
  await headers.fill(before);
  await form.getByLabel("Body", { exact: true }).fill('{"count": 257}');
  await form.getByRole("button", { name: "Send" }).click();
  await told.getByText(/^422 /).waitFor();
  await form.getByLabel("POST to this gateway").fill("https://example.org/");
  await form.getByRole("button", { name: "Send" }).click();
  await told.getByText("its own gateway only").waitFor();
  assert.equal(await stored(product), 2);
  await page.goto("/docs/http#listenToMissions");
  const stream = page.locator("#listenToMissions form.send");
  await stream.getByLabel("Headers").fill("accept: text/event-stream");
  await stream.getByRole("button", { name: "Send" }).click();
  await stream.getByText("The stream goes on").waitFor();
  await product.stop();
  await stream.getByRole("button", { name: "Send" }).click();
  await stream.getByText("No answer: the gateway is away").waitFor();
  assert.match(complaints(page).join(), /ERR_/);
});
