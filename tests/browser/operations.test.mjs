// The operations page, as whoever sits at this machine sees it.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { open } from "./browser.mjs";
import { judge, quiet } from "./judge.mjs";
import { drill, request, start } from "./product.mjs";

test("a worker that ends is shown without a reload, and so is its return", async (t) => {
  const product = await start(t, "--drills");
  const page = await open(t, product);
  await page.goto("/operations");
  const decider = page.locator("#processes tr", { has: page.getByRole("rowheader", { name: "decider", exact: true }) });
  await decider.locator(".state.up").waitFor();
  await request(product, 3);
  await judge(page, "operations");
  await page.evaluate(() => { window.sameDocument = true; });
  await page.getByRole("button", { name: "Kill a worker" }).click();
  await page.getByText("Kill a worker: ends in").waitFor();
  await page.locator(".verdict.act").waitFor();
  await judge(page, "operations-killed");
  await page.getByRole("button", { name: "End all drills" }).click();
  await page.locator(".verdict:not(.act)").waitFor();
  await decider.locator(".state.up").waitFor();
  quiet(page, "operations");
});

test("the page is complete without JavaScript", async (t) => {
  const product = await start(t);
  const page = await open(t, product, { script: false });
  await page.goto("/operations");
  assert.equal(await page.locator("#processes tbody tr").count(), 5);
  await page.getByText("None since this gateway started").waitFor();
  quiet(page, "operations without JavaScript");
});

test("elsewhere an operator logs in and out, and dead letters are a page", async (t) => {
  const product = await start(t);
  const token = `${product.database}.token`;
  await writeFile(token, "a-token-of-this-test\n");
  const guarded = await start(t, "--operator-token-file", token);
  const page = await open(t, guarded);
  await page.goto("/operations");
  await judge(page, "operations-login");
  await page.getByLabel("Operator's token").fill("wrong-token-of-this-test");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").waitFor();
  await judge(page, "operations-login-wrong");
  await page.getByLabel("Operator's token").fill("a-token-of-this-test");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.locator("#processes").waitFor();
  await page.goto("/operations/dead-letters");
  await judge(page, "letters-empty");
  await page.goto("/operations");
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByLabel("Operator's token").waitFor();
  quiet(page, "operations with a token");
});
