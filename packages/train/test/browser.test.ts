import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from './support/browser-program.ts';

/** The machine's own browser; nothing is downloaded. `SP_CHROMIUM` names another one. */
const chromiumPath = [process.env['SP_CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  existsSync,
);
if (chromiumPath === undefined) {
  console.warn(
    'browser.test.ts skipped: no Chromium on this machine (install Debian\'s "chromium", or set SP_CHROMIUM)',
  );
}

const origin = 'http://train.test';

/** The program with all that it imports, as files of modules for browsers; the one that begins comes first. */
async function bundle(): Promise<ReadonlyMap<string, string>> {
  const result = await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: false,
      lib: { entry: join(import.meta.dirname, 'support', 'browser-program.ts'), formats: ['es'] },
      // Imported only where there is Node.
      rollupOptions: { external: /^node:/ },
    },
  });
  const chunks = [result].flat().flatMap((part) => ('output' in part ? part.output : []));
  const files = chunks.flatMap((chunk) => (chunk.type === 'chunk' ? [[chunk.fileName, chunk.code] as const] : []));
  return new Map(files);
}

describe.skipIf(chromiumPath === undefined)('in headless Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: chromiumPath as string,
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });

  afterAll(() => browser?.close());

  it('trains on lists of active pixels, in WebAssembly, as in Node', async () => {
    const files = await bundle();
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.route(`${origin}/**`, (route) => {
      const body = files.get(new URL(route.request().url()).pathname.slice(1));
      if (body !== undefined) return route.fulfill({ contentType: 'text/javascript', body });
      return route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>train</title>' });
    });
    await page.goto(`${origin}/`);
    const [entry] = files.keys();
    // As text: vitest would rewrite the import.
    const inBrowser = await page.evaluate<Awaited<ReturnType<typeof program>>>(
      `import('${origin}/${entry}').then(({ program }) => program())`,
    );
    expect(complaints).toEqual([]);
    expect(inBrowser).toEqual(await program());
    expect(inBrowser.engine).toBe('fused');
    expect(inBrowser.backend).toBe('wasm');
  });
});
