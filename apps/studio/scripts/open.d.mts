import type { Browser, BrowserContext } from 'playwright-core';

/** The machine's own browser; undefined: there is none. */
export const chromiumPath: string | undefined;

/** The built studio in a browser. */
export interface Studio {
  readonly browser: Browser;
  readonly origin: string;
  /** A new profile; nothing is kept from the one before. */
  newContext(options?: Parameters<Browser['newContext']>[0]): Promise<BrowserContext>;
  close(): Promise<void>;
}

/**
 * Serves the built site and starts the browser. `isolated`: with the headers that let threads share memory (default true); `timeout`: of what is
 * waited for in pages, in milliseconds (default 10 minutes).
 *
 * @throws Error if there is no browser
 */
export function openStudio(options?: { readonly isolated?: boolean; readonly timeout?: number }): Promise<Studio>;
