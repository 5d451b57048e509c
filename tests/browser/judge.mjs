// What holds for every page in every state: how it looks is kept as pictures in target/browser.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { complaints } from "./browser.mjs";
import { axe } from "./tools.mjs";

const PICTURES = fileURLToPath(new URL("../../target/browser/", import.meta.url));
const TALLEST = 3200; // pixels of a picture
const WINDOW = { width: 1280, height: 900 };

// Ways to look at a page. `zoomed` is the window of 1280 pixels at 200 %.
const WAYS = {
  light: { media: { colorScheme: "light" }, size: WINDOW, judged: true },
  dark: { media: { colorScheme: "dark" }, size: WINDOW, judged: true },
  narrow: { media: {}, size: { width: 360, height: 740 }, judged: true },
  zoomed: { media: {}, size: { width: 640, height: 450 } },
  forced: { media: { forcedColors: "active" }, size: WINDOW },
  print: { media: { media: "print" }, size: { width: 794, height: 1123 } }, // A4
};
const PLAIN = { media: "screen", colorScheme: "light", forcedColors: "none", reducedMotion: "no-preference" };

// Looks at the page in each of these ways. Nothing sticks out at a side, and the console is empty. axe
// checks only those with `judged`.
export const judge = async (page, name) => {
  await mkdir(PICTURES, { recursive: true });
  for (const [dress, { media, size, judged }] of Object.entries(WAYS)) {
    await page.emulateMedia({ ...PLAIN, ...media });
    await page.setViewportSize(size);
    await fits(page, `${name}, ${dress}`);
    if (judged) await accessible(page, `${name}, ${dress}`);
    await picture(page, `${name}.${dress}`);
  }
  await page.emulateMedia(PLAIN);
  await page.setViewportSize(WINDOW);
  quiet(page, name);
};

// The console has shown no error, and no violation of the policy.
export const quiet = (page, name) => assert.deepEqual(complaints(page), [], `the console of ${name}`);

// Nothing has to be scrolled sideways.
export const fits = async (page, name) => {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= window, `${name}: ${wide} pixels in a window of ${window}`);
};

const accessible = async (page, name) => {
  if (!await page.evaluate(() => "axe" in window)) await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  const found = violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map((node) => node.html).slice(0, 5) }));
  assert.deepEqual(found, [], `axe about ${name}`);
};

const picture = async (page, name) => {
  const { width, height } = await page.evaluate(() => ({
    width: innerWidth, height: document.documentElement.scrollHeight,
  }));
  const clip = { x: 0, y: 0, width, height: Math.min(height, TALLEST) };
  await page.screenshot({ path: `${PICTURES}${name}.png`, fullPage: true, animations: "disabled", clip });
};

// The number of sheets that it prints on.
export const sheets = async (page) => {
  await page.emulateMedia({ media: "print" });
  const pdf = await page.pdf({ format: "A4", printBackground: false });
  return pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
};
