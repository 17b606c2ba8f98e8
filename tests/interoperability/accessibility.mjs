// Looks at pages with axe-core in Chromium: node accessibility.mjs CHROMIUM PAGE... Prints one line for each violation and
// where it is; exit code 1 where there is any. Also writes PAGE.pdf, and PAGE.390.png and PAGE.1280.png with SCREENSHOTS set.
import {createRequire} from "node:module";
import {readFileSync} from "node:fs";
import {pathToFileURL} from "node:url";

const require = createRequire(process.env.AXE_FOLDER + "/");
const puppeteer = require("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [chromium, ...pages] = process.argv.slice(2);
// Every rule in the first look; in the others those whose result depends on what differs there. (Every rule in each of
// them takes most of a minute a page.)
const looks = [
  {scheme: "light", width: 1280},
  {scheme: "dark", width: 1280, rules: ["color-contrast", "link-in-text-block"]},
  {scheme: "light", width: 390, rules: ["scrollable-region-focusable", "target-size", "meta-viewport"]},
  {scheme: "dark", width: 390, rules: ["scrollable-region-focusable"]},
];
const browser = await puppeteer.launch({
  executablePath: chromium,
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
});
let wrong = 0;
try {
  for (const path of pages) {
    for (const {scheme, width, rules} of looks) {
      const page = await browser.newPage();
      await page.setBypassCSP(true); // the page lets no script in but its own
      await page.setViewport({width, height: 900});
      await page.emulateMediaFeatures([{name: "prefers-color-scheme", value: scheme}]);
      await page.goto(pathToFileURL(path).href, {waitUntil: "load"});
      await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (overflow > 0) {
        wrong += 1;
        console.log(`${path} (${scheme}, ${width} px): is ${overflow} px wider than the window`);
      }
      if (scheme === "light" && width === 1280) {
        await page.pdf({path: `${path}.pdf`, format: "A4", printBackground: true});
      }
      if (process.env.SCREENSHOTS && scheme === "light") {
        await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = false)));
        await page.screenshot({path: `${path}.${width}.png`, fullPage: true});
      }
      // Of rows, entries and cards that are built alike, two of each kind are judged: it is the same markup again.
      await page.evaluate(() => {
        document.querySelectorAll("details").forEach((each) => (each.open = true));
        const seen = new Map();
        for (const each of document.querySelectorAll(".objections > li, .check, .provision, .failing, tbody > tr")) {
          const parts = [each, ...each.querySelectorAll("*")].map((part) => part.tagName + "." + part.className);
          const kind = [...new Set(parts)].join(" ");
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
          if (seen.get(kind) > 2) {
            each.remove();
          }
        }
      });
      await page.evaluate(axe);
      const options = {resultTypes: ["violations"], ...(rules && {runOnly: {type: "rule", values: rules}})};
      const result = await page.evaluate((options) => globalThis.axe.run(document, options), options);
      for (const violation of result.violations) {
        wrong += 1;
        const first = violation.nodes[0];
        console.log(`${path} (${scheme}, ${width} px): ${violation.id}: ${violation.help}; ${violation.nodes.length} times, ` +
                    `first ${first.target.join(" ")}: ${first.html.slice(0, 160)}`);
      }
      await page.close();
    }
  }
} finally {
  await browser.close();
}
process.exit(wrong === 0 ? 0 : 1);
