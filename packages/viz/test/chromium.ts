import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The machine's own browser; nothing is downloaded. `SP_CHROMIUM` names another one. */
export const chromiumPath: string | undefined = [process.env['SP_CHROMIUM'] ?? '', ...places].find(existsSync);

/** Starts the browser without a window. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath as string, args: ['--no-sandbox', '--disable-gpu'] });
}
