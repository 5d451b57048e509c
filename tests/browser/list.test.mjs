// The list of missions.
import assert from "node:assert/strict";
import { test } from "node:test";
import { complaints, open } from "./browser.mjs";
import { judge, quiet } from "./judge.mjs";
import { request, start } from "./product.mjs";

const row = (page, { id }) => page.locator(`[id="m-${id}"]`);

test("an empty list says how to begin, and a filter that fits nothing leads back", async (t) => {
  const product = await start(t);
  const page = await open(t, product);
  await page.goto("/missions");
  await page.getByText("No mission is on file yet").waitFor();
  await judge(page, "list-empty");
  await request(product);
  await page.goto("/missions?since=2999-01-01T00:00:00Z");
  await page.getByText("No mission is like that").waitFor();
  await judge(page, "list-nothing-like-that");
  await page.getByRole("link", { name: "Show all" }).first().click();
  await page.locator("tbody tr").waitFor();
});

test("a mission appears in a second window by itself, and not while that is paused", async (t) => {
  const product = await start(t);
  const [asking, watching] = [await open(t, product), await open(t, product)];
  await request(product, 5);
  await watching.goto("/missions");
  await watching.getByText("Live: new missions appear by themselves").waitFor();
  await watching.evaluate(() => { window.sameDocument = true; });
  await asking.goto("/missions");
  await asking.getByRole("button", { name: "New mission" }).click();
  await asking.waitForURL("**/missions/*");
  const id = new URL(asking.url()).pathname.split("/").at(-1);
  await row(watching, { id }).waitFor();
  assert.equal(await watching.evaluate(() => window.sameDocument), true, "it was not reloaded");
  assert.equal(await watching.locator(".total").textContent(), "6 missions in all");
  await judge(watching, "list");
  await watching.getByRole("button", { name: "Pause" }).click();
  await watching.getByText("Paused").waitFor();
  const [late] = await request(product);
  await judge(watching, "list-paused"); // which takes longer than an event
  assert.equal(await row(watching, late).count(), 0);
  await watching.getByRole("button", { name: "Go on" }).click();
  await row(watching, late).waitFor();
  quiet(watching, "list");
});

test("a list that hears nothing says so and when it tries again, and is live again by itself", async (t) => {
  const product = await start(t);
  const page = await open(t, product);
  await page.route("**/missions/events", (route) => route.abort());
  await page.goto("/missions");
  await page.getByText("Not live: the connection is gone. Next try in 2 s.").waitFor();
  await page.unroute("**/missions/events");
  await page.getByText("Live: new missions appear by themselves").waitFor();
  const [mission] = await request(product);
  await row(page, mission).waitFor();
  assert.match(complaints(page).join(), /ERR_FAILED/);
});

for (const script of [true, false]) {
  test(`the list is filtered, walked and left by an id ${script ? "with" : "without"} JavaScript`, async (t) => {
    const product = await start(t);
    const missions = await request(product, 60);
    const page = await open(t, product, { script });
    await page.goto("/missions");
    await page.getByRole("link", { name: "Older missions" }).click();
    await page.getByRole("link", { name: "Newest missions" }).click();
    await page.getByText("Show only some").click();
    const [{ objective, id }] = missions;
    await page.getByLabel("Objective").selectOption(objective);
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.waitForURL("**/missions?objective=*");
    const shown = await page.locator("tbody tr td:first-child").allTextContents();
    assert.ok(shown.length > 0 && shown.every((text) => text.trim().startsWith(objective)), shown.join());
    if (script) await judge(page, "list-filtered");
    await page.getByLabel("Or the mission with this id").fill(` ${id} `);
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.waitForURL(`**/missions/${id}`);
    quiet(page, "list");
  });
}
