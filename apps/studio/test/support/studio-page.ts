import type { BrowserContext, Page } from 'playwright-core';
import { limit } from '../../../../vitest.shared.ts';
import { chromiumPath, openStudio as open, type Studio } from '../../scripts/open.mjs';

export { chromiumPath, type Studio };

/** Says that a file's tests are skipped, where there is no browser. */
export function tellSkipped(file: string): void {
  if (chromiumPath !== undefined) return;
  console.warn(`${file} skipped: no Chromium on this machine (install Debian's "chromium", or set SP_CHROMIUM)`);
}

/** The built site in a browser; what is waited for has the limit of all tests. */
export function openStudio(options: { readonly isolated?: boolean } = {}): Promise<Studio> {
  return open({ ...options, timeout: limit });
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

/** A page that has the built-in digits. */
export async function withDigits({ origin }: Studio, context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(origin);
  await page.getByRole('button', { name: 'built-in digits' }).click();
  await page.getByText('1,797 images').waitFor();
  return page;
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
