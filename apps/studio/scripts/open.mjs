import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { studioServer } from './serve.mjs';

/** The machine's own browser; nothing is downloaded. `SP_CHROMIUM` names another one. */
export const chromiumPath = [
  process.env.SP_CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync);

/** Serves the built site and starts the browser. */
export async function openStudio({ isolated = true, timeout = 600_000 } = {}) {
  if (chromiumPath === undefined) {
    throw new Error('no Chromium on this machine: install Debian\'s "chromium", or set SP_CHROMIUM');
  }
  const server = studioServer(fileURLToPath(new URL('../dist', import.meta.url)), { isolated });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
  return {
    browser,
    origin: `http://localhost:${server.address().port}`,
    async newContext(options) {
      const context = await browser.newContext({ acceptDownloads: true, ...options });
      context.setDefaultTimeout(timeout);
      return context;
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
