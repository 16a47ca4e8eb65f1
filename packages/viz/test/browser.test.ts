import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import * as vega from 'vega';
import * as vegaLite from 'vega-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderSvg, report } from '../src/index.ts';
import { chromiumPath, launch } from './chromium.ts';
import { extremes } from './extremes.ts';
import { reportSample } from './report-sample.ts';
import { figures } from './samples.ts';

const home = join(import.meta.dirname, '..');
const origin = 'http://viz.test';

if (chromiumPath === undefined) {
  console.warn(
    'browser.test.ts skipped: no Chromium on this machine (install Debian\'s "chromium", or set SP_CHROMIUM)',
  );
}

/** A library's own build for browsers. */
function browserBuild(name: string): string {
  const entry = createRequire(join(home, 'package.json')).resolve(name);
  const folder = entry.slice(0, entry.lastIndexOf('/build/'));
  return readFileSync(join(folder, 'build', `${name}.min.js`), 'utf8');
}

/** A module that hands on what a library's script has put into a global variable. */
function moduleOf(global: string, exports: object): string {
  return `export const { ${Object.keys(exports).join(', ')} } = globalThis.${global};`;
}

const page = `<!doctype html><meta charset="utf-8"><script>${browserBuild('vega')}</script><script>${browserBuild('vega-lite')}</script>
<script type="importmap">{"imports": {"vega": "/vega.js", "vega-lite": "/vega-lite.js"}}</script>`;

/** Answers the page's requests from memory and from the built package. */
function answer(path: string): { readonly contentType: string; readonly body: string } {
  const contentType = 'text/javascript';
  if (path === '/') return { contentType: 'text/html', body: page };
  if (path === '/vega.js') return { contentType, body: moduleOf('vega', vega) };
  if (path === '/vega-lite.js') return { contentType, body: moduleOf('vegaLite', vegaLite) };
  return { contentType, body: readFileSync(join(home, path), 'utf8') };
}

/** What a page complains about or asks for while it is open. */
function watch(opened: Page): { readonly complaints: string[]; readonly requests: string[] } {
  const complaints: string[] = [];
  const requests: string[] = [];
  opened.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  opened.on('pageerror', (error) => complaints.push(error.message));
  opened.on('request', (request) => requests.push(request.url()));
  return { complaints, requests };
}

describe.skipIf(chromiumPath === undefined)('in headless Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(() => browser?.close());

  it('every figure is the same SVG as in Node', async () => {
    const opened = await browser.newPage();
    const { complaints } = watch(opened);
    await opened.route(`${origin}/**`, (route) => route.fulfill(answer(new URL(route.request().url()).pathname)));
    await opened.goto(`${origin}/`);
    const specs = Object.fromEntries(Object.entries({ ...figures, ...extremes }).map(([name, make]) => [name, make()]));
    // As text: vitest would rewrite the import, and the types of all specifications are too deep for the arguments of a function.
    const drawn = await opened.evaluate<Record<string, string>>(`(async () => {
      const { renderSvg } = await import('${origin}/dist/index.js');
      const svgs = {};
      for (const [name, spec] of Object.entries(${JSON.stringify(specs)})) svgs[name] = await renderSvg(spec);
      return svgs;
    })()`);
    expect(Object.keys(drawn)).toEqual(Object.keys(specs));
    for (const [name, svg] of Object.entries(drawn)) expect(svg, name).toBe(await renderSvg(specs[name]));
    expect(complaints).toEqual([]);
  });

  it.each(['light', 'dark'] as const)(
    'a report opens silently, asks for nothing and fits the window (%s)',
    async (theme) => {
      const folder = await mkdtemp(join(tmpdir(), 'sp-report-'));
      const file = join(folder, 'report.html');
      await writeFile(file, await report(reportSample));
      const opened = await browser.newPage({ colorScheme: theme, viewport: { width: 1100, height: 800 } });
      const { complaints, requests } = watch(opened);
      const address = pathToFileURL(file).href;
      await opened.goto(address, { waitUntil: 'load' });
      expect(complaints).toEqual([]);
      expect(requests).toEqual([address]);
      const { width, figures: shown } = await opened.evaluate(() => ({
        width: document.documentElement.scrollWidth,
        figures: [...document.querySelectorAll('figure svg')].filter((svg) => svg.getBoundingClientRect().width > 0)
          .length,
      }));
      expect(width).toBeLessThanOrEqual(1100);
      expect(shown).toBe(13);
      const gallery = process.env['SP_GALLERY'];
      if (gallery) await opened.screenshot({ path: join(gallery, `report-${theme}.png`), fullPage: true });
      await rm(folder, { recursive: true });
    },
  );
});
