// What a reader would notice: opens a report from its file, offline, and checks it at several widths, dark and on paper.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { chromium } from 'playwright-core';

import * as probes from './probes.js';

const [report, shots] = process.argv.slice(2);
const address = pathToFileURL(report).href;
if (shots) mkdirSync(shots, { recursive: true });

let passed = 0;
let failed = 0;

/** Reports one check; `problems` is a list of what is wrong. */
function check(name, problems) {
  if (problems.length === 0) {
    passed += 1;
    console.log(`ok      ${name}`);
    return;
  }
  failed += 1;
  console.log(`FAILED  ${name}`);
  for (const problem of problems.slice(0, 12)) console.log(`        ${problem}`);
  if (problems.length > 12) console.log(`        … and ${problems.length - 12} more`);
}

const browser = await chromium.launch({
  executablePath: process.env.ARMISTICE_CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run', '--disable-sync'],
});

/** Opens the report; every request other than the file itself is refused and remembered. */
async function open(options) {
  const context = await browser.newContext({ offline: true, acceptDownloads: true, ...options });
  const page = await context.newPage();
  const trouble = { console: [], requests: [] };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) trouble.console.push(message.text());
  });
  page.on('pageerror', (error) => trouble.console.push(String(error)));
  await page.route('**/*', (route) => {
    const url = route.request().url();
    if (url === address) return route.continue();
    trouble.requests.push(url.slice(0, 200));
    return route.abort();
  });
  await page.goto(address);
  await page.waitForFunction(() => document.documentElement.dataset.charts === 'drawn', undefined, { timeout: 60_000 });
  return { context, page, trouble };
}

/** A screenshot of the whole page and, at the widest, of each section. */
async function shoot(page, name, sections = false) {
  if (!shots) return;
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  if (!sections) return;
  for (const id of await page.evaluate(probes.sectionIds)) {
    await page.locator(`[id="${id}"]`).screenshot({ path: join(shots, `${name}-${id}.png`) });
  }
}

const widths = [
  { name: '1440', viewport: { width: 1440, height: 1000 }, sections: true },
  { name: '768', viewport: { width: 768, height: 1024 } },
  { name: '360', viewport: { width: 360, height: 740 }, sections: true },
];

try {
  for (const { name, viewport, sections } of widths) {
    const { context, page, trouble } = await open({ viewport });
    check(`${name}: no console message`, trouble.console);
    check(`${name}: no request`, trouble.requests);
    check(`${name}: every chart is drawn`, await page.evaluate(probes.emptyCharts));
    check(`${name}: nothing wider than the window`, await page.evaluate(probes.tooWide));
    check(`${name}: no text of a chart over another or cut off`, await page.evaluate(probes.collisions));
    await shoot(page, name, sections);
    if (name === '1440') {
      check('one title, headings in order', await page.evaluate(probes.headings));
      check('landmarks, skip link and table of contents', await page.evaluate(probes.landmarks));
      check('names: no id twice, every label resolves', await page.evaluate(probes.ids));
      check('every chart has words and a table', await page.evaluate(probes.chartsDescribed));
      check('tables have headers', await page.evaluate(probes.tables));
      check('text is readable against its background', await page.evaluate(probes.contrast));
      check('the content security policy is strict', await page.evaluate(probes.policy));
      check('a table can be saved as CSV', await download(page));
      const fresh = await open({ viewport });
      check('the page works from the keyboard', await keyboard(fresh.page));
      await fresh.context.close();
    }
    await context.close();
  }

  const dark = await open({ viewport: { width: 1440, height: 1000 }, colorScheme: 'dark' });
  check('dark: the background is dark', await dark.page.evaluate(probes.isDark));
  check('dark: text is readable against its background', await dark.page.evaluate(probes.contrast));
  check('dark: every chart is drawn', await dark.page.evaluate(probes.emptyCharts));
  await shoot(dark.page, 'dark');
  await dark.page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  check('print: the background is white even where the screen is dark', await dark.page.evaluate(probes.isPaper));
  await dark.context.close();

  const paper = await open({ viewport: { width: 794, height: 1123 } });
  await paper.page.emulateMedia({ media: 'print' });
  check('print: every chart is drawn', await paper.page.evaluate(probes.emptyCharts));
  check('print: nothing wider than the page', await paper.page.evaluate(probes.tooWide));
  if (shots) await paper.page.pdf({ path: join(shots, 'print.pdf'), format: 'A4', preferCSSPageSize: true });
  await paper.context.close();

  const still = await browser.newContext({ offline: true, javaScriptEnabled: false });
  const bare = await still.newPage();
  await bare.goto(address);
  const words = await bare.locator('main').innerText();
  check('without scripts: the text and the notice are there', words.length > 500 ? [] : ['the page is nearly empty']);
  await still.close();
} finally {
  await browser.close();
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Follows the first download link. */
async function download(page) {
  await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
  const link = page.locator('a.csv').first();
  if ((await link.count()) === 0) return ['no download link'];
  const [file] = await Promise.all([page.waitForEvent('download', { timeout: 10_000 }), link.click()]);
  const problems = [];
  if (!file.suggestedFilename().endsWith('.csv')) problems.push(`the file is called ${file.suggestedFilename()}`);
  const stream = await file.createReadStream();
  let text = '';
  for await (const part of stream) text += part;
  if (text.trim().split('\n').length < 2) problems.push('the file has no rows');
  return problems;
}

/** Tabs to the skip link, follows it, and opens a folded table with Enter. */
async function keyboard(page) {
  const problems = [];
  await page.evaluate(() => {
    document.querySelectorAll('details').forEach((details) => (details.open = false));
  });
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement?.className);
  if (!String(first).includes('skip')) problems.push(`the first stop is not the skip link but "${first}"`);
  const summary = page.locator('main summary').first();
  await summary.focus();
  await page.keyboard.press('Enter');
  if (!(await summary.evaluate((element) => element.parentElement.open))) problems.push('Enter does not open a folded table');
  return problems;
}
