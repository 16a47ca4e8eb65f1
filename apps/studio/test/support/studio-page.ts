import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { limit } from '../../../../vitest.shared.ts';
import { studioServer } from '../../scripts/serve.mjs';

/** The machine's own browser; nothing is downloaded. `SP_CHROMIUM` names another one. */
export const chromiumPath: string | undefined = [
  process.env['SP_CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync);

/** Says that a file's tests are skipped, where there is no browser. */
export function tellSkipped(file: string): void {
  if (chromiumPath !== undefined) return;
  console.warn(`${file} skipped: no Chromium on this machine (install Debian's "chromium", or set SP_CHROMIUM)`);
}

/** The built studio in a browser. */
export interface Studio {
  readonly browser: Browser;
  readonly origin: string;
  /** A new profile; nothing is kept from the one before. */
  newContext(options?: Parameters<Browser['newContext']>[0]): Promise<BrowserContext>;
  close(): Promise<void>;
}

/** Serves the built site and starts the browser. `isolated`: with the headers that let threads share memory. */
export async function openStudio({ isolated = true }: { readonly isolated?: boolean } = {}): Promise<Studio> {
  const folder = fileURLToPath(new URL('../../dist', import.meta.url));
  const server: Server = studioServer(folder, { isolated });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({
    executablePath: chromiumPath as string,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
  return {
    browser,
    origin: `http://localhost:${port}`,
    async newContext(options) {
      const context = await browser.newContext({ acceptDownloads: true, ...options });
      context.setDefaultTimeout(limit);
      return context;
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What pages complain about and ask for: it should be nothing, and nothing from elsewhere. */
export interface Watched {
  readonly complaints: string[];
  readonly foreign: string[];
}

/** Notes all console messages, errors, violations of the policy, and requests to other origins of a context's pages. */
export async function watch(context: BrowserContext, origin: string): Promise<Watched> {
  const complaints: string[] = [];
  const foreign: string[] = [];
  await context.exposeBinding('tellViolation', (_, text: string) => void complaints.push(text));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      (globalThis as unknown as { tellViolation(text: string): void }).tellViolation(
        `${violatedDirective} ${blockedURI}`,
      );
    });
  });
  context.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  context.on('weberror', (error) => complaints.push(error.error().message));
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith('blob:') && !url.startsWith('data:')) foreign.push(url);
  });
  return { complaints, foreign };
}

/** Goes to a step. */
export async function goTo(page: Page, step: string): Promise<void> {
  await page.getByRole('link', { name: step, exact: false }).filter({ hasText: step }).first().click();
}

/** Gets the bytes of a download that a click begins. */
export async function downloaded(page: Page, button: string): Promise<string> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button, exact: true }).click();
  return (await download).path();
}
