// The page of a mission that is not stored yet.
import assert from "node:assert/strict";
import { test } from "node:test";
import { complaints, open } from "./browser.mjs";
import { judge, quiet } from "./judge.mjs";
import { drill, start } from "./product.mjs";

const SOON = { name: "Your dossier is being put together." };

for (const script of [true, false]) {
  test(`a page waits for its mission and then shows it by itself ${script ? "with" : "without"} JavaScript`, async (t) => {
    const product = await start(t, "--drills", "--wait", "1");
    await drill(product, "pause-persister");
    const page = await open(t, product, { script });
    await page.goto("/");
    await page.getByRole("button", { name: "New mission" }).click();
    await page.waitForURL("**/missions/*");
    await page.getByRole("heading", SOON).waitFor();
    await page.getByRole("heading", { name: "How far it came" }).waitFor();
    const address = page.url();
    if (script) await judge(page, "accepted");
    await drill(product, "end");
    await page.getByRole("heading", { name: "should you choose to accept it" }).waitFor();
    assert.equal(page.url(), address, "it stays at its address");
    quiet(page, "accepted");
  });
}

// Each of the two ways in which the page learns of its mission, without the other one.
for (const [by, otherwise, said] of [
  ["an event", (page) => page.addInitScript("window.setInterval = () => 0"), /^$/],
  ["a look", (page) => page.route("**/missions/events", (route) => route.abort()), /ERR_FAILED/],
]) {
  test(`a page that waits is filled by ${by} alone`, async (t) => {
    const product = await start(t, "--drills", "--wait", "1");
    await drill(product, "pause-persister");
    const page = await open(t, product);
    await otherwise(page);
    await page.goto("/");
    await page.getByRole("button", { name: "New mission" }).click();
    await page.getByRole("heading", SOON).waitFor();
    await drill(product, "end");
    await page.getByRole("heading", { name: "should you choose to accept it" }).waitFor();
    assert.match(complaints(page).join(), said);
  });
}

test("with reduced motion the page waits without moving", async (t) => {
  const product = await start(t, "--drills", "--wait", "1");
  await drill(product, "pause-persister");
  const page = await open(t, product, { reducedMotion: "reduce" });
  await page.goto("/");
  await page.getByRole("button", { name: "New mission" }).click();
  await page.getByRole("heading", SOON).waitFor();
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  assert.equal(await page.evaluate(() => document.getAnimations().length), 1, "else it moves");
  await drill(product, "end"); // a stop would wait for it
});
