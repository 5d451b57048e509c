// Pages of what went wrong, each with a button for what to do next.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./browser.mjs";
import { judge, quiet } from "./judge.mjs";
import { request, start } from "./product.mjs";
import { eventually } from "./waiting.mjs";

test("a wrong address and a wrong number lead home, with and without JavaScript", async (t) => {
  const product = await start(t);
  for (const script of [true, false]) {
    const page = await open(t, product, { script });
    for (const [name, path, status] of [
      ["problem-404", "/nowhere", 404],
      ["problem-unknown-mission", "/missions/019abc00-1111-7222-8333-444455556600", 404],
      ["problem-400", "/missions?limit=many", 400],
    ]) {
      const answer = await page.goto(path);
      assert.equal(answer.status(), status);
      if (script) await judge(page, name);
      await page.getByRole("link", { name: "To the home page" }).click();
      await page.getByRole("button", { name: "New mission" }).waitFor();
    }
    quiet(page, "problems");
  }
});

test("a count of 257 is a page that names the field, and what it means has a page", async (t) => {
  const page = await open(t, await start(t), { script: true });
  await page.goto("/");
  // A browser checks the number before it sends it; older ones did not.
  await page.evaluate(() => {
    const form = document.querySelector("form.ask");
    form.elements.count.value = 257;
    form.submit();
  });
  await page.getByText("count", { exact: true }).waitFor();
  assert.equal(await page.locator(".stamp").textContent(), "Status 422");
  await judge(page, "problem-422");
  await page.getByRole("link", { name: "About this kind of problem" }).click();
  await page.getByRole("heading", { name: "The other kinds" }).waitFor();
  await judge(page, "problem-kind");
});

test("who asks too often is told when to come again, and the button asks again", async (t) => {
  const product = await start(t, "--rate", "4/8");
  const page = await open(t, product);
  await request(product, 4);
  await page.goto("/missions");
  assert.equal(await page.locator(".stamp").textContent(), "Status 429");
  await page.getByText(/Wait \d+\ss\./).waitFor();
  await judge(page, "problem-429");
  // How soon depends on how long it was judged.
  await eventually("the button leads to the list", async () => {
    await page.getByRole("link", { name: "Try again" }).click();
    return page.getByRole("heading", { name: "Missions" }).isVisible();
  });
});
