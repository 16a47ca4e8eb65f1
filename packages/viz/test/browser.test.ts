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

const imports = {
  vega: '/vega.js',
  // Vega hands on its utilities.
  'vega-util': '/vega.js',
  'vega-lite': '/vega-lite.js',
  'vega-interpreter': '/vega-interpreter.js',
};

const page = `<!doctype html><meta charset="utf-8"><script src="/vega.min.js"></script><script src="/vega-lite.min.js"></script>
<script type="importmap" nonce="map">${JSON.stringify({ imports })}</script><script type="module" src="/start.js"></script>`;

/** Draws in a script of the page: what a debugger evaluates is above the policy. */
const start = `import { renderSvg } from '/dist/index.js';
globalThis.drawn = (async () => {
  const svgs = {};
  for (const [name, spec] of Object.entries(await (await fetch('/specs.json')).json())) svgs[name] = await renderSvg(spec);
  return svgs;
})();
globalThis.eval_ = (() => { try { return new Function('return "allowed"')(); } catch (error) { return error.name; } })();`;

const specs = Object.fromEntries(Object.entries({ ...figures, ...extremes }).map(([name, make]) => [name, make()]));

/** Nothing may be compiled from text. */
const policy = "script-src 'self' 'wasm-unsafe-eval' 'nonce-map'";

/** Answers the page's requests from memory and from the built package. */
function answer(path: string): { contentType: string; body: string; headers?: Record<string, string> } {
  const contentType = 'text/javascript';
  if (path === '/') {
    return { contentType: 'text/html', body: page, headers: { 'Content-Security-Policy': policy } };
  }
  if (path === '/start.js') return { contentType, body: start };
  if (path === '/specs.json') return { contentType: 'application/json', body: JSON.stringify(specs) };
  const library = /^\/(.*)\.min\.js$/.exec(path)?.[1];
  if (library !== undefined) return { contentType, body: browserBuild(library) };
  if (path === '/vega-interpreter.js') {
    const entry = createRequire(join(home, 'package.json')).resolve('vega-interpreter');
    return { contentType, body: readFileSync(entry, 'utf8') };
  }
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

/** The numbers with a fraction in a text, and the rest. */
function parts(svg: string): { readonly text: string; readonly numbers: readonly number[] } {
  const fraction = /-?\d+\.\d+/g;
  return { text: svg.replace(fraction, '#'), numbers: (svg.match(fraction) ?? []).map(Number) };
}

describe.skipIf(chromiumPath === undefined)('in headless Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(() => browser?.close());

  it('every figure is the same SVG as in Node, under a policy that allows no eval', async () => {
    const opened = await browser.newPage();
    opened.setDefaultTimeout(0);
    const { complaints } = watch(opened);
    await opened.route(`${origin}/**`, (route) => route.fulfill(answer(new URL(route.request().url()).pathname)));
    await opened.goto(`${origin}/`);
    // As text: vitest would rewrite it.
    const drawn = await opened.evaluate<Record<string, string>>('drawn');
    expect(await opened.evaluate('eval_')).toBe('EvalError');
    expect(Object.keys(drawn)).toEqual(Object.keys(specs));
    for (const [name, svg] of Object.entries(drawn)) {
      const [here, there] = [parts(await renderSvg(specs[name])), parts(svg)];
      expect(there.text, name).toBe(here.text);
      // The last bits of logarithms differ from one release of V8 to another.
      const apart = here.numbers.reduce((most, number, j) => Math.max(most, Math.abs(number - there.numbers[j])), 0);
      expect(apart, name).toBeLessThan(1e-9);
    }
    expect(complaints).toEqual([]);
  });

  it.each(['light', 'dark'] as const)(
    'a report opens silently, asks for nothing and fits the window (%s)',
    async (theme) => {
      const folder = await mkdtemp(join(tmpdir(), 'sp-report-'));
      const file = join(folder, 'report.html');
      await writeFile(file, await report(reportSample));
      const opened = await browser.newPage({ colorScheme: theme, viewport: { width: 1100, height: 800 } });
      opened.setDefaultTimeout(0);
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
