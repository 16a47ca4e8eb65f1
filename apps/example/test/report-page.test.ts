import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from './child.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The machine's own browser; nothing is downloaded. `SP_CHROMIUM` names another one. */
const executablePath = [process.env['SP_CHROMIUM'] ?? '', ...places].find(existsSync);

if (executablePath === undefined) {
  console.warn(
    'report-page.test.ts skipped: no Chromium on this machine (install Debian\'s "chromium", or set SP_CHROMIUM)',
  );
}

/** Headings of all figures; `npm start` has a value for each but for a Pareto front, which takes several trainings. */
const headings = [
  'Active pixels at each threshold',
  'What the reduction keeps',
  'Training history',
  'Confusion matrix',
  'ROC curves',
  'Network',
  'One image through the layers',
  'EBOPs by layer',
  'Bit widths by layer',
  'Bit width of every element',
  'Values against their types',
  'Latency against resources',
];

describe.skipIf(executablePath === undefined)('the report of a fresh run, in headless Chromium', () => {
  let folder: string;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sp-report-'));
    // The example's own digits, trained for too short to be good.
    const ended = await runProgram(folder, ['--epochs', '2', '--out', 'run']);
    expect([ended.code, ended.err]).toEqual([0, expect.stringContaining('epoch 2/2')]);
    browser = await chromium.launch({
      executablePath: executablePath as string,
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  it.each([
    ['light', 1280],
    ['light', 390],
    ['dark', 1280],
    ['dark', 390],
  ] as const)('opens without a message or a request and fits the window (%s, %i px)', async (colorScheme, width) => {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    page.setDefaultTimeout(0);
    const messages: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => messages.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    const address = pathToFileURL(join(folder, 'run', 'report.html')).href;
    await page.goto(address, { waitUntil: 'load' });
    const seen = await page.evaluate(() => {
      const shown = [...document.querySelectorAll('figure svg')].filter((svg) => svg.getBoundingClientRect().width > 0);
      return {
        background: getComputedStyle(document.body).backgroundColor,
        figures: shown.map((svg) => [...svg.querySelectorAll('text')].map((text) => text.textContent)),
        pageWidth: document.documentElement.scrollWidth,
        verdict: document.querySelector('#verification .good')?.textContent,
      };
    });
    expect(messages).toEqual([]);
    expect(requests).toEqual([address]);
    expect(seen.pageWidth).toBe(width);
    expect(seen.figures).toHaveLength(headings.length);
    for (const [at, heading] of headings.entries()) expect(seen.figures[at]).toContain(heading);
    expect(seen.verdict).toMatch(/^All [\d,]+ compared codes are equal\.$/);
    expect(seen.background).toBe(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(20, 24, 29)');
    await page.close();
  });
});
