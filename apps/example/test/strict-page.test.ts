/** All packages in a page whose policy allows scripts of its own and WebAssembly, but no text that becomes code. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from './strict-page-program.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The machine's own browser; nothing is downloaded. `SP_CHROMIUM` names another one. */
const executablePath = [process.env['SP_CHROMIUM'] ?? '', ...places].find(existsSync);

if (executablePath === undefined) {
  console.warn(
    'strict-page.test.ts skipped: no Chromium on this machine (install Debian\'s "chromium", or set SP_CHROMIUM)',
  );
}

const policy = "script-src 'self' 'wasm-unsafe-eval'";
const origin = 'http://strict.test';

/** The program with all that it imports, as an application would bundle it, as files of modules; the one that begins comes first. */
async function bundle(): Promise<ReadonlyMap<string, string>> {
  const result = await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: false,
      lib: { entry: join(import.meta.dirname, 'strict-page-program.ts'), formats: ['es'] },
      // Imported when something of Node is asked for; a page in which one of them stands at the top would not load.
      rollupOptions: { external: /^node:/ },
    },
  });
  const chunks = [result].flat().flatMap((part) => ('output' in part ? part.output : []));
  return new Map(chunks.flatMap((chunk) => (chunk.type === 'chunk' ? [[chunk.fileName, chunk.code] as const] : [])));
}

describe.skipIf(executablePath === undefined)(`a page with ${policy}`, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: executablePath as string,
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });

  afterAll(() => browser?.close());

  it('trains, lowers, emits and draws what Node does, and asks for no eval', async () => {
    const files = await bundle();
    const [entry] = files.keys();
    // In a script of the page: what a debugger evaluates is above the policy.
    const start = `const asked = [];
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
        asked.push([violatedDirective, blockedURI, sourceFile, lineNumber].join(' ')));
      globalThis.result = import('/${entry}').then(async ({ program }) => {
        const said = JSON.stringify(await program());
        const before = [...asked];
        let control;
        try { control = new Function('return "allowed"')(); } catch (error) { control = error.name; }
        return { said, asked: before, control };
      });`;
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.route(`${origin}/**`, (route) => {
      const name = new URL(route.request().url()).pathname.slice(1);
      const body = name === 'start.js' ? start : files.get(name);
      if (body !== undefined) return route.fulfill({ contentType: 'text/javascript', body });
      const html = '<!doctype html><title>strict</title><script type="module" src="/start.js"></script>';
      return route.fulfill({ contentType: 'text/html', body: html, headers: { 'Content-Security-Policy': policy } });
    });
    await page.goto(`${origin}/`);
    const { said, asked, control } = await page.evaluate<{ said: string; asked: string[]; control: string }>('result');
    expect(complaints).toEqual([]);
    expect(asked).toEqual([]);
    // It is a policy that forbids something.
    expect(control).toBe('EvalError');
    const there = JSON.parse(said) as Awaited<ReturnType<typeof program>>;
    expect(there.engine).toBe('fused');
    expect(there.backend).toBe('wasm');
    expect(there).toEqual(JSON.parse(JSON.stringify(await program())));
  });
});
