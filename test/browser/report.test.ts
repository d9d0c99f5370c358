import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { type Browser, chromium, type Page } from 'playwright-core';
import { runOnEmbeddedCloud } from '../scenarios/rig.js';

const BROWSER = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== undefined && existsSync(path),
);
const browserTest = BROWSER === undefined ? test.skip : test.serial;
if (BROWSER === undefined)
  test.serial('report.html in a browser', (t) => {
    t.log('skipped: there is no chromium (apt install chromium, or set CHROMIUM)');
    t.pass();
  });

let browser: Browser;
let html: string;

test.before(async (t) => {
  if (BROWSER === undefined) return;
  browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
  // the report is looked at by every test: its folder must outlive this hook
  const teardowns: (() => void)[] = [];
  const { folder } = await runOnEmbeddedCloud(
    { ...t, teardown: (fn: () => void) => teardowns.push(fn) } as never,
    { config: { test: { vm_count: 3 } } },
  );
  html = pathToFileURL(join(folder, 'report.html')).href;
  remove = () => teardowns.forEach((fn) => fn());
});
let remove = () => {};
test.after.always(async () => {
  remove();
  await browser?.close();
});

/** A page without a network; whatever it complains about or asks for is kept. */
async function open(options: { width?: number; colorScheme?: 'light' | 'dark' } = {}) {
  const { width = 1200, colorScheme = 'light' } = options;
  const context = await browser.newContext({
    offline: true,
    colorScheme,
    viewport: { width, height: 900 },
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => {
    if (!/^(file|data):/.test(request.url())) problems.push(`asked for ${request.url()}`);
  });
  await page.goto(html);
  return { page, problems, close: () => context.close() };
}

const overflow = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

browserTest('the report is complete without a network, and nothing complains', async (t) => {
  const { page, problems, close } = await open();
  t.regex(await page.title(), /^Doctor passed/);
  t.is(await page.locator('section#fault_management h2').innerText(), 'Fault management');
  for (const name of ['T02', 'T03', 'T04', 'T05', 'T06', 'T07', 'T08', 'T09'])
    t.true(await page.locator('svg.chart text', { hasText: name }).first().isVisible(), name);
  t.is(await page.locator('svg.chart circle').count(), 8);
  t.is(await page.getByRole('img', { name: 'passed' }).filter({ visible: true }).count(), 10);
  t.deepEqual(problems, []);
  await close();
});

browserTest('configuration, checkpoints and events unfold; events can be filtered', async (t) => {
  const { page, problems, close } = await open();
  await page.getByText('Configuration', { exact: false }).first().click();
  t.true(await page.getByText('test.vm_count').first().isVisible());
  await page.locator('summary', { hasText: 'Checkpoints' }).click();
  t.true(await page.getByText('raw failure reported by the monitor').first().isVisible());
  await page.locator('summary', { hasText: 'Events' }).click();
  const rows = page.locator('#events tr');
  const all = await rows.filter({ visible: true }).count();
  await page.locator('#filter').fill('alarm.received');
  const some = await rows.filter({ visible: true }).count();
  t.true(some >= 3 && some < all);
  t.deepEqual(problems, []);
  await close();
});

browserTest('it is readable on a telephone and in the dark, and the colours can be switched', async (t) => {
  const { page, problems, close } = await open({ width: 390, colorScheme: 'dark' });
  t.is(await overflow(page), 0);
  const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const dark = await background();
  await page.locator('#theme').click();
  t.not(await background(), dark);
  t.deepEqual(problems, []);
  await close();
});
