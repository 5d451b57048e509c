// The page of a mission, and the casebook that explains it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./browser.mjs";
import { fits, judge, quiet, sheets } from "./judge.mjs";
import { request, start } from "./product.mjs";

test("a mission's page is whole without JavaScript, and prints on one sheet without navigation", async (t) => {
  const product = await start(t);
  const [{ id, objective, target }] = await request(product);
  const page = await open(t, product);
  await page.goto(`/missions/${id}`);
  await page.getByRole("heading", { name: `${objective} ${target}.` }).waitFor();
  await judge(page, "mission");
  assert.equal(await sheets(page), 1);
  for (const part of ["nav", "button", "footer", ".actions", "summary"]) {
    const shown = await page.locator(part).filter({ visible: true }).count();
    assert.equal(shown, 0, `${part} is not printed`);
  }
  const plain = await open(t, product, { script: false });
  await plain.goto(`/missions/${id}`);
  await plain.getByText("As JSON", { exact: true }).click();
  await plain.locator("details[open] pre").waitFor();
  await fits(plain, "mission without JavaScript");
  await plain.getByRole("button", { name: "Another mission" }).click();
  await plain.waitForURL((url) => url.pathname.startsWith("/missions/") && !url.pathname.endsWith(id));
  quiet(plain, "mission without JavaScript");
});

for (const script of [true, false]) {
  test(`the casebook decides a dossier and says what is wrong with one ${script ? "with" : "without"} JavaScript`, async (t) => {
    const product = await start(t);
    const [{ id, objective, target }] = await request(product);
    const page = await open(t, product, { script });
    await page.goto(`/missions/${id}`);
    await page.getByRole("link", { name: /^line \d+$/ }).first().click();
    await page.getByText(`${objective} ${target}.`).waitFor();
    assert.equal(await page.locator("tr.chosen").count(), 2);
    if (script) await judge(page, "casebook-decided");
    await page.goto("/casebook");
    if (script) await judge(page, "casebook");
    await page.getByLabel("Try a dossier").fill("20 z 4 a 7 k 0 b 12 q 3 m");
    await page.getByRole("button", { name: "Decide" }).click();
    await page.getByRole("alert").waitFor();
    assert.match(await page.getByRole("alert").textContent(), /Six numbers from 0 to 19/);
    if (script) await judge(page, "casebook-wrong");
    await page.getByLabel("Try a dossier").fill("19 z 4 a 7 k 0 b 12 q 3 m");
    await page.getByLabel("Try a dossier").press("Enter");
    await page.getByText("Steal the DB_URI from the flask developer.").waitFor();
    quiet(page, "casebook");
  });
}
