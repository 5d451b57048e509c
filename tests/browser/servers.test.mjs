// The pages of a system on RabbitMQ and MariaDB, whose processes end and come back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "./browser.mjs";
import { judge, quiet } from "./judge.mjs";
import { MISSING, system } from "./system.mjs";

const BUTTON = { name: "New mission" };
const SOON = { name: "Your dossier is being put together." };
const STORED = { level: 1, name: "should you choose to accept it" };
// The database refuses every mission.
const FAULT = "CREATE TRIGGER fault BEFORE INSERT ON missions FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'it is out of order'";

// Asks for a mission that waits, because the number worker has ended.
const waits = async (product, page) => {
  await product.end("number");
  await page.goto("/");
  await page.getByRole("button", BUTTON).click();
  await page.waitForURL("**/missions/*");
  await page.getByRole("heading", SOON).waitFor();
};

for (const script of [true, false]) {
  const how = script ? "with" : "without";
  test(`a page says that no number worker runs, and fills itself when one is back, ${how} JavaScript`, { skip: MISSING }, async (t) => {
    const product = await system(t, "--wait", "1");
    const [asking, watching] = [await open(t, product, { script }), await open(t, product)];
    await asking.goto("/");
    await asking.getByRole("button", BUTTON).click();
    await (script ? asking.locator("#told p") : asking.getByRole("heading", STORED)).waitFor();
    await watching.goto("/missions");
    await watching.getByText("Live: new missions appear by themselves").waitFor();
    await watching.evaluate(() => { window.sameDocument = true; });

    await waits(product, asking);
    await asking.getByText("It waits for a number worker").waitFor();
    if (script) await judge(asking, "accepted-waits-for");
    const address = asking.url();
    const shown = watching.locator(`a[href="${new URL(address).pathname}"]`).first();
    assert.equal(await shown.count(), 0);
    product.begin("number");
    await asking.getByRole("heading", STORED).waitFor();
    assert.equal(asking.url(), address, "it stays at its address");
    await shown.waitFor();
    assert.equal(await watching.evaluate(() => window.sameDocument), true, "it was not reloaded");
    quiet(asking, "the page that waited");
    quiet(watching, "the list");
  });
}

test("a page says that its request was set aside, and an operator finds it, retries it, and it is stored", { skip: MISSING }, async (t) => {
  const product = await system(t, "--wait", "1");
  const page = await open(t, product);
  await waits(product, page);
  const address = page.url();
  await product.sql(FAULT);
  product.begin("number");
  await page.getByRole("heading", { name: "This mission is not stored." }).waitFor();
  await judge(page, "mission-failed");

  await page.goto("/operations");
  await page.getByRole("link", { name: "Look" }).waitFor();
  await judge(page, "operations-letters");
  await page.getByRole("link", { name: "Look" }).click();
  await page.getByRole("heading", { name: "Dead letters" }).waitFor();
  await judge(page, "letters");
  await page.locator("tbody a").click();
  await page.getByRole("link", { name: "Correct and retry…" }).click();
  await judge(page, "letter-edit");
  await page.getByLabel("The request that is published in its place").fill("{");
  await page.getByRole("button", { name: "Correct and retry" }).click();
  await page.getByRole("alert").waitFor();
  await judge(page, "letter-edit-wrong");
  await page.getByRole("link", { name: "Leave it" }).click();
  await judge(page, "letter");
  await page.getByRole("link", { name: "Retry…", exact: true }).click();
  await judge(page, "letters-preview");

  await product.sql("DROP TRIGGER fault");
  await page.getByLabel("Your name, for the record").fill("ada");
  await page.getByRole("button", { name: "Retry" }).click();
  await page.getByRole("heading", { name: "1 of 1 stored" }).waitFor();
  await judge(page, "letters-record");
  await page.getByRole("rowheader").getByRole("link").click();
  await page.getByText("ada").first().waitFor();
  await judge(page, "letter-replayed");
  await page.goto(address);
  await page.getByRole("heading", STORED).waitFor();
  quiet(page, "dead letters");
});
