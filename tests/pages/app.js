// What somebody at the web app would do: clicks through every page of a real server in a real browser.
//
// node app.js PROGRAM SCENARIO [FOLDER FOR SCREENSHOTS]

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const [program, scenario, shots] = process.argv.slice(2);
if (shots) mkdirSync(shots, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const BUSY = 120_000;

let passed = 0;
let failed = 0;

/** Reports one check; `problems` is a list of what is wrong. */
function check(name, problems) {
  if (problems.length === 0) passed += 1;
  else failed += 1;
  console.log(`${problems.length === 0 ? 'ok     ' : 'FAILED '} ${name}`);
  for (const problem of problems.slice(0, 12)) console.log(`        ${problem}`);
}
const expect = (name, holds, otherwise = 'it is not so') => check(name, holds ? [] : [String(otherwise)]);

/** Starts a server and waits for its address. */
async function serve(of) {
  const child = spawn(program, ['serve', of, '--no-open', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const piece of child.stdout) {
    text += piece;
    if (text.includes('\n}')) break;
  }
  return { child, ...JSON.parse(text) };
}

const server = await serve(scenario);
// A small war with a record.
const past = await serve(join(dirname(fileURLToPath(import.meta.url)), '../../docs/src/record'));
const origins = [server, past].map(({ url }) => new URL(url).origin);
const origin = origins[0];
const browser = await chromium.launch({
  executablePath: process.env.ARMISTICE_CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run', '--disable-sync'],
});
const trouble = { console: [], requests: [] };

/** Opens the app; requests to anywhere but the server are refused and remembered. */
async function open(options, url = server.url) {
  const context = await browser.newContext({ acceptDownloads: true, bypassCSP: false, ...options });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) trouble.console.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => trouble.console.push(`${page.url()}: ${error}`));
  await page.route('**/*', (route) => {
    const url = route.request().url();
    if (origins.includes(new URL(url).origin) || url.startsWith('data:') || url.startsWith('blob:')) return route.continue();
    trouble.requests.push(url);
    return route.abort();
  });
  await page.goto(url);
  await page.locator('.measures .value').first().waitFor({ timeout: BUSY });
  return { context, page };
}

const idle = (page) => page.waitForFunction(() => !document.querySelector('.progress'), undefined, { timeout: BUSY });

async function turn(page, name) {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** What axe-core finds serious or worse. */
async function accessible(page) {
  // The page's policy forbids scripts that are not its own; a second world of the same page is not bound by it.
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
  await session.send('Runtime.evaluate', { contextId, expression: `${axe};0` });
  const expression = `axe.run(document, { resultTypes: ['violations'] }).then((found) => JSON.stringify(found.violations
    .filter((one) => ['serious', 'critical'].includes(one.impact))
    .map((one) => one.id + ': ' + one.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(' | '))))`;
  const { result } = await session.send('Runtime.evaluate', { contextId, expression, awaitPromise: true });
  await session.detach();
  return JSON.parse(result.value);
}

/** Whether anything sticks out of the window. */
const tooWide = (page) =>
  page.evaluate(() => (document.documentElement.scrollWidth > window.innerWidth + 1 ? [`${document.documentElement.scrollWidth} pixels in a window of ${window.innerWidth}`] : []));

async function look(page, name) {
  check(`${name}: no serious accessibility issue`, await accessible(page));
  check(`${name}: nothing wider than the window`, await tooWide(page));
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

/** The text of the file that a click saves. */
async function saved(page, click) {
  const download = page.waitForEvent('download', { timeout: BUSY });
  await click();
  return readFileSync(await (await download).path(), 'utf8');
}

const value = (page, i = 0) => page.locator('.measures .value').nth(i).textContent();

/** The record and what comes after it. */
async function facing() {
  const { context, page } = await open({ viewport: { width: 1440, height: 950 } }, past.url);
  await turn(page, 'War');
  await page.getByText('On record').first().waitFor({ timeout: BUSY });
  await idle(page);
  const month = () => page.locator('.pick label').textContent();
  const last = await month();
  await page.locator('#month').focus();
  await page.keyboard.press('ArrowLeft');
  await page.getByRole('heading', { level: 3, name: await month() }).first().waitFor({ timeout: BUSY });
  expect('a month before is looked at by keyboard', (await month()) !== last, last);
  expect('what was done stands beside what would have been', (await page.getByRole('cell', { name: /^done/ }).count()) > 0);
  await idle(page);
  await look(page, 'record');
  await page.locator('#month').press('Home');
  await page.getByRole('heading', { level: 3, name: await month() }).first().waitFor({ timeout: BUSY });
  const plot = page.locator('#chart-beliefs .plot');
  await plot.scrollIntoViewIfNeeded();
  const box = await plot.boundingBox();
  const first = await month();
  for (let share = 0.3; share < 0.9 && (await month()) === first; share += 0.004) await page.mouse.click(box.x + box.width * share, box.y + box.height * 0.6);
  expect('a click on a chart chooses the month', (await month()) !== first, first);

  await turn(page, 'Forecast');
  await page.locator('#chart-forecast-over svg').waitFor({ timeout: BUSY });
  await page.getByLabel('months ahead').fill('4');
  await page.getByLabel('months ahead').press('Enter');
  await page.getByLabel('Simulated wars').fill('50');
  await page.getByLabel('Simulated wars').press('Enter');
  await page.getByText('50 wars for each').waitFor({ timeout: BUSY });
  await idle(page);
  const file = JSON.parse(await saved(page, () => page.getByRole('button', { name: 'Save forecast' }).click()));
  const [, ...words] = file.stamp.command.split(' ');
  const again = JSON.parse(execFileSync(program, [...words, '--json', '--quiet'], { encoding: 'utf8' }));
  const rest = ({ stamp, ...other }) => JSON.stringify({ ...other, hash: stamp.scenario_hash, settings: stamp.settings });
  expect('the command makes the same forecast', rest(again) === rest(file), rest(again).slice(0, 300));
  const fit = { estimates: [{ name: 'war_cost' }], draws: [[0.03], [0.08], [0.18]] };
  await page.locator('input[type=file][accept=".json"]').setInputFiles({ name: 'fit.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(fit)) });
  await page.getByText('3 sets of parameters').waitFor({ timeout: BUSY });
  await idle(page);
  await look(page, 'forecast');
  await context.close();
  for (const [name, options] of [
    ['record-phone-dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
    ['record-wall', { viewport: { width: 3840, height: 2160 } }],
  ]) {
    const { context: other, page: window } = await open(options, past.url);
    await turn(window, 'War');
    await window.getByText('On record').first().waitFor({ timeout: BUSY });
    await idle(window);
    await look(window, name);
    await turn(window, 'Forecast');
    await window.locator('#chart-forecast-over svg').waitFor({ timeout: BUSY });
    await idle(window);
    await look(window, name.replace('record', 'forecast'));
    await other.close();
  }
}

try {
  const { context, page } = await open({ viewport: { width: 1440, height: 950 }, permissions: ['clipboard-read', 'clipboard-write'] });
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity);
  expect(`first paint within a second (${Math.round(paint)} ms)`, paint < 1000, paint);

  // Calculus
  await page.getByText('Refined:').waitFor({ timeout: BUSY });
  const before = await value(page);
  const slider = page.locator('.slider').first();
  const name = (await slider.locator('label').textContent()).trim();
  await slider.locator('input[type=range]').focus();
  await page.keyboard.press('End');
  await page.locator('.moved').first().waitFor({ timeout: BUSY });
  expect('moving a slider by keyboard moves a measure', (await page.locator('.moved .was').count()) > 0);
  expect('the case says so', (await page.locator('.chip').count()) === 1);
  await page.getByText('Refined:').waitFor({ timeout: BUSY });
  await page.getByRole('button', { name: 'Copy command' }).click();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  expect('the command names the parameter', command.startsWith('armistice solve') && command.includes(`--set ${name}=`), command);
  await page.keyboard.press('Control+z');
  await page.getByText('As written in the scenario').waitFor();
  await page.getByText('Refined:').waitFor({ timeout: BUSY });
  expect('undone, the measure is as it was', (await value(page)) === before, await value(page));
  await page.getByRole('button', { name: 'Redo' }).click();
  await slider.locator('input[type=number]').fill('0.0571');
  await slider.locator('input[type=number]').press('Enter');
  await page.getByText(`${name} = 0.0571`).waitFor();
  await page.getByRole('switch').first().check();
  await page.locator('.chip').nth(1).waitFor();
  const file = await saved(page, () => page.getByRole('button', { name: 'Save case' }).click());
  expect('a saved case extends the scenario', file.includes('extends = "scenario.toml"') && file.includes('0.0571'), file);
  await page.reload();
  await page.getByText(`${name} = 0.0571`).waitFor();
  expect('the case outlives a reload', (await page.locator('.chip').count()) === 2);
  await page.getByText('Refined:').waitFor({ timeout: BUSY });
  await page.getByRole('button', { name: 'Back to sources' }).click();
  await page.getByText('As written in the scenario').waitFor();
  await page.locator('.casebar input[type=file]').setInputFiles({ name: 'case.toml', mimeType: 'application/toml', buffer: Buffer.from(file) });
  await page.getByText(`${name} = 0.0571`).waitFor();
  expect('a loaded case has its lever again', await page.getByRole('switch').first().isChecked());
  for (const kind of ['SVG', 'CSV']) {
    const text = await saved(page, () => page.getByRole('button', { name: `${kind} of` }).first().click());
    expect(`a chart as ${kind}`, kind === 'SVG' ? text.startsWith('<svg') && !text.includes('var(--') : text.split('\r\n').length > 20, text.slice(0, 200));
  }
  await page.getByText('Refined:').waitFor({ timeout: BUSY });
  await idle(page);
  await look(page, 'calculus');
  await page.getByRole('button', { name: 'Report', exact: true }).click();
  const report = await saved(page, () => page.getByRole('button', { name: 'Save report' }).click());
  expect('the case as a report', report.startsWith('<!doctype html>') && report.includes(`${name}=0.0571`), report.slice(0, 200));
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Back to sources' }).click();
  await page.getByText('As written in the scenario').waitFor();

  // Forecast, which a scenario without a record has not
  await turn(page, 'Forecast');
  await page.getByText('Nothing can be forecast here').or(page.locator('#chart-forecast-over svg')).first().waitFor({ timeout: BUSY });
  await idle(page);
  await look(page, 'no-forecast');

  // War
  await turn(page, 'War');
  await page.getByRole('button', { name: /^Choose/ }).first().waitFor({ timeout: BUSY });
  await page.getByRole('button', { name: /^Choose/ }).first().click();
  await page.locator('.steps li').first().waitFor();
  const month = await page.locator('main h3', { hasText: /20\d\d|month|week|day/ }).last().textContent();
  await page.getByRole('button', { name: /Likeliest to the end/ }).click();
  await page.waitForFunction((old) => ![...document.querySelectorAll('main h3')].some((one) => one.textContent === old) || document.body.textContent.includes('The war ends'), month, { timeout: BUSY });
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await idle(page);
  await look(page, 'war');

  // Claims, levers, theories
  await turn(page, 'Claims');
  await page.locator('.verdict').first().waitFor({ timeout: BUSY });
  await idle(page);
  await page.getByRole('button', { name: /^What would turn it/ }).first().click();
  await page.getByText(/^Over \d+ cases drawn/).waitFor({ timeout: BUSY });
  await idle(page);
  await look(page, 'claims');
  await turn(page, 'Levers');
  await page.getByRole('button', { name: /^Put in force/ }).first().waitFor({ timeout: BUSY });
  await idle(page);
  await look(page, 'levers');
  await turn(page, 'Theories');
  await page.getByText('What follows').waitFor({ timeout: BUSY });
  await idle(page);
  await look(page, 'theories');

  // Game
  await turn(page, 'Game');
  const nodes = page.getByRole('treeitem');
  await nodes.first().waitFor({ timeout: BUSY });
  const shown = await nodes.count();
  await page.getByRole('button', { name: 'Close all' }).click();
  expect('the tree folds', (await nodes.count()) < shown);
  await nodes.nth(1).click();
  expect('a node opens', (await nodes.nth(1).getAttribute('aria-expanded')) !== 'false');
  await page.keyboard.press('ArrowRight');
  const tree = await saved(page, () => page.getByRole('button', { name: 'SVG of the tree' }).click());
  expect('the tree as SVG', tree.startsWith('<svg') && tree.includes('<text') && !tree.includes('var(--'), tree.slice(0, 200));
  await look(page, 'game');

  // Certificate
  await turn(page, 'Certificate');
  await page.locator('.verdict').waitFor({ timeout: BUSY });
  expect('the solution is certified', (await page.locator('.verdict').textContent()).startsWith('Certified'));
  await look(page, 'certificate');

  // Play, to the end
  await turn(page, 'Play');
  await page.getByRole('button', { name: 'Deal' }).click();
  for (let move = 0; move < 80; move += 1) {
    await idle(page);
    if ((await page.getByRole('heading', { name: /^Over:/ }).count()) > 0) break;
    await page.locator('.choose button').last().click();
  }
  expect('the game comes to its end', (await page.getByRole('heading', { name: /^Over:/ }).count()) === 1);
  await look(page, 'play');

  // Catalog
  await turn(page, 'Catalog');
  await page.getByRole('searchbox').fill('fearon-1995-two-types');
  await page.getByRole('button', { name: /^Open/ }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Calculus' }).waitFor();
  await page.getByText('Refined:').waitFor({ timeout: BUSY });
  await look(page, 'model');
  await context.close();

  await facing();

  // Other windows
  for (const [name, options] of [
    ['phone-dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
    ['wall', { viewport: { width: 3840, height: 2160 } }],
  ]) {
    const { context: other, page: small } = await open(options);
    await idle(small);
    await look(small, name);
    await other.close();
  }
  check('no message in the console', trouble.console);
  check('no request to anywhere else', trouble.requests);

  const bare = await browser.newContext();
  const closed = await bare.newPage();
  await closed.goto(origin);
  expect('without the token there is nothing to see', (await closed.locator('#app').count()) === 0);
} finally {
  await browser.close();
  past.child.kill('SIGINT');
  const ended = new Promise((resolve) => server.child.once('exit', resolve));
  const begun = Date.now();
  server.child.kill('SIGINT');
  await ended;
  expect(`Ctrl-C ends it at once (${Date.now() - begun} ms)`, Date.now() - begun < 1000, Date.now() - begun);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
