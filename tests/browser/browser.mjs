// Windows of a real browser, and what goes wrong in them.
import { after, before } from "node:test";
import { PATIENCE } from "./waiting.mjs";
import { chromium } from "./tools.mjs";

let browser;
before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", chromiumSandbox: false });
});
after(() => browser?.close());

const heard = new WeakMap();

// The console says this about every answer with such a status. It is no error of the page.
const IS_AN_ANSWER = /^Failed to load resource: the server responded with a status of (400|401|404|409|422|429)/;

// Opens a window at the product. `script: false` is a browser without JavaScript; other options are
// those of Playwright's contexts.
export const open = async (t, product, { script = true, ...options } = {}) => {
  const context = await browser.newContext({
    baseURL: product.url,
    javaScriptEnabled: script,
    viewport: { width: 1280, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"],
    ...options,
  });
  t.after(() => context.close());
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const said = [];
  heard.set(page, said);
  page.on("console", (message) => {
    const text = message.text();
    const isAnswer = IS_AN_ANSWER.test(text) && !message.location().url.includes("/assets/");
    if (["error", "warning"].includes(message.type()) && !isAnswer) said.push(text);
  });
  page.on("pageerror", (error) => said.push(String(error)));
  return page;
};

// Errors and violations of the policy that the console of this page has shown so far. They are told once.
export const complaints = (page) => [...new Set(heard.get(page).splice(0))];
