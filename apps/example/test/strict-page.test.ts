/** All packages in a page whose policy allows scripts of its own and WebAssembly, but no text that becomes code. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { build, type Plugin } from 'vite';
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

/**
 * Stands in for Node, which `@sp/hls` imports to write and run firmware: functions that throw, but for the kernels' headers,
 * which `emit` reads.
 */
function withoutNode(): Plugin {
  const headers = join(import.meta.dirname, '../../../packages/hls/cpp');
  const texts = Object.fromEntries(
    readdirSync(headers).map((name) => [name, readFileSync(join(headers, name), 'utf8')]),
  );
  return {
    name: 'without-node',
    enforce: 'pre',
    resolveId: (id) => (id.startsWith('node:') ? `\0${id}` : undefined),
    // Else vite would look for the headers itself.
    transform: (code, id) =>
      id.endsWith('kernel-files.ts') ? code.replaceAll('import.meta.url', 'location.href') : undefined,
    async load(id) {
      if (!id.startsWith('\0node:')) return undefined;
      const names = Object.keys(await import(id.slice(1))).filter(
        (name) => name !== 'default' && name !== 'readFileSync',
      );
      return `const headers = ${JSON.stringify(id === '\0node:fs' ? texts : {})};
        export const readFileSync = (url) => headers[String(url).replace(/.*\\//, '')];
        ${names.map((name) => `export const ${name} = () => { throw new Error('there is no Node'); };`).join('\n')}
        export default {};`;
    },
  };
}

/** The program with all that it imports, from the sources, as files of modules; the one that begins comes first. */
async function bundle(): Promise<ReadonlyMap<string, string>> {
  const conditions = ['@sp/source', 'module', 'browser', 'import', 'default'];
  const result = await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    resolve: { conditions },
    plugins: [withoutNode()],
    build: {
      write: false,
      minify: false,
      lib: { entry: join(import.meta.dirname, 'strict-page-program.ts'), formats: ['es'] },
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
