// The packages of package-lock.json. `cargo xtask browser --install` puts them below target/tools.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../target/tools/browser/", import.meta.url));
const require = createRequire(folder);

export const { chromium } = require("playwright-core");

// The source of axe, to be run inside a page.
export const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
