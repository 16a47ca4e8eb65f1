/** The site as such: accessible, small, within its policy, without a network, and on plain hosts. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, goTo, openStudio, type Studio, tellSkipped, watch, withDigits } from './support/studio-page.ts';

tellSkipped('site.test.ts');

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe-core finds in the page as it is, as lines. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate<readonly Violation[]>(
    "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)",
  );
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

describe.skipIf(chromiumPath === undefined)('the site in headless Chromium', () => {
  let studio: Studio;

  beforeAll(async () => {
    studio = await openStudio();
  });

  afterAll(() => studio?.close());

  it('is accessible in every step, in light and dark, on a desk and a phone, and no wider than the screen', async () => {
    const context = await studio.newContext({ viewport: { width: 1280, height: 900 } });
    const { complaints } = await watch(context, studio.origin);
    const page = await withDigits(studio, context);
    await goTo(page, 'Training');
    await page.getByLabel('Epochs', { exact: true }).fill('2');
    for (const run of ['Run 1', 'Run 2']) {
      await page.getByRole('button', { name: 'Train', exact: true }).click();
      await page.locator('section.run[data-state=finished]').getByText(run, { exact: false }).first().waitFor();
    }
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 360],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      for (const step of ['Data', 'Network', 'Training', 'Look', 'Firmware']) {
        await goTo(page, step);
        await page.locator(readyMarks[step]).first().waitFor();
        expect(await violations(page), `${step}, ${colorScheme}, ${width} px`).toEqual([]);
        const most = await page.evaluate('document.documentElement.scrollWidth');
        expect(most, `${step}: width at ${width} px`).toBeLessThanOrEqual(width);
      }
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('is worked by keyboard alone', async () => {
    const context = await studio.newContext();
    const page = await withDigits(studio, context);
    await page.getByLabel('n', { exact: false }).first().waitFor();
    const slider = page.getByRole('slider', { name: /^n/ });
    await slider.focus();
    await page.keyboard.press('ArrowLeft');
    expect(await slider.inputValue()).toBe('23');
    const line = page.getByRole('slider', { name: 'Line of the threshold' });
    await line.focus();
    for (const key of ['Home', 'PageUp', 'ArrowRight', 'ArrowUp', 'ArrowLeft']) await page.keyboard.press(key);
    const tenth = Number(await line.getAttribute('aria-valuemax')) / 20;
    expect(Number(await line.getAttribute('aria-valuenow'))).toBeCloseTo(1.1 * tenth, 2);
    await page.getByRole('link', { name: 'Network' }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Kernel side').first().focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('4');
    const field = page.getByLabel('Kernel side').first();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(
      await field.evaluate(
        (input) => document.getElementById(input.getAttribute('aria-describedby') ?? '')?.textContent,
      ),
    ).toBe('an odd number: 1, 3, 5 … 15');
    await context.close();
  });

  it('lets n and threshold be dragged on the figure, by mouse and by finger, and redraws what they keep', async () => {
    const context = await studio.newContext({ hasTouch: true });
    const page = await withDigits(studio, context);
    const line = page.getByRole('slider', { name: 'Line of n' });
    await line.scrollIntoViewIfNeeded();
    const box = await line.boundingBox();
    const [x, y] = [box!.x + box!.width / 2, box!.y + box!.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x, y + 60, { steps: 4 });
    await page.mouse.up();
    const n = Number(await line.getAttribute('aria-valuenow'));
    expect(n).toBeLessThan(20);
    expect(n).toBeGreaterThan(4);
    expect(await page.getByRole('slider', { name: /^n/ }).inputValue()).toBe(String(n));
    await page
      .getByRole('img', { name: new RegExp(`^\\d: ${n} pixels kept, [1-9]\\d* dropped`) })
      .first()
      .waitFor();
    // Let go, it stays.
    await page.mouse.move(x, y - 60);
    expect(Number(await line.getAttribute('aria-valuenow'))).toBe(n);
    const upright = page.getByRole('slider', { name: 'Line of the threshold' });
    const before = Number(await upright.getAttribute('aria-valuenow'));
    const place = await upright.boundingBox();
    const developer = await context.newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', right: number) =>
      developer.send('Input.dispatchTouchEvent', {
        type,
        touchPoints:
          // Near its knob: elsewhere the other line may cross it.
          type === 'touchEnd' ? [] : [{ x: place!.x + place!.width / 2 + right, y: place!.y + place!.height - 4 }],
      });
    await touch('touchStart', 0);
    for (const right of [20, 50, 80]) await touch('touchMove', right);
    await touch('touchEnd', 80);
    await page.locator(`[aria-label="Line of the threshold"]:not([aria-valuenow="${before}"])`).waitFor();
    expect(Number(await upright.getAttribute('aria-valuenow'))).toBeGreaterThan(before);
    await context.close();
  });

  it('needs at most 3 MB to begin, and HDF5 comes when it is used', async () => {
    const context = await studio.newContext({ serviceWorkers: 'block' });
    const paths = new Set<string>();
    context.on('request', (request) => paths.add(new URL(request.url()).pathname));
    const page = await withDigits(studio, context);
    await page.locator('.figure img').first().waitFor();
    const dist = join(import.meta.dirname, '..', 'dist');
    let bytes = 0;
    for (const path of paths) {
      if (!path.startsWith('/') || path.length > 200) continue;
      bytes += gzipSync(
        await readFile(join(dist, path === '/' ? 'index.html' : path)).catch(() => Buffer.alloc(0)),
      ).length;
    }
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(3_000_000);
    expect([...paths].filter((path) => path.includes('hdf5'))).toEqual([]);
    await context.close();
  });

  it('forbids what its policy forbids', async () => {
    const context = await studio.newContext();
    const page = await context.newPage();
    await page.goto(studio.origin);
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
    // A script of the page: what a debugger evaluates is above the policy.
    const { complaints } = await watch(context, studio.origin);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'document.title = "inline"';
      document.head.append(script);
    });
    expect(await page.title()).toBe('@sp studio');
    expect(complaints.join()).toContain('inline script');
    await context.close();
  });

  it('works without a network once it was loaded', async () => {
    const context = await studio.newContext();
    const page = await context.newPage();
    await page.goto(studio.origin);
    await page.evaluate('navigator.serviceWorker.ready.then(() => {})');
    await context.setOffline(true);
    await page.reload();
    await page.getByRole('button', { name: 'built-in digits' }).click();
    await page.getByText('1,797 images').waitFor();
    await goTo(page, 'Training');
    await page.getByText('threads').waitFor();
    await context.close();
  });

  it('gets threads on a host that sends no headers, from the second visit on', async () => {
    const plain = await openStudio({ isolated: false });
    try {
      const context = await plain.newContext();
      const page = await context.newPage();
      await page.goto(plain.origin);
      expect(await page.evaluate('crossOriginIsolated')).toBe(false);
      await page.evaluate('navigator.serviceWorker.ready.then(() => {})');
      await page.reload();
      expect(await page.evaluate('crossOriginIsolated')).toBe(true);
    } finally {
      await plain.close();
    }
  });
});

/** What is there when a step is. */
const readyMarks: Readonly<Record<string, string>> = {
  Data: '.grid canvas',
  Network: 'dd',
  Training: 'section[aria-labelledby=compared] .figure img',
  Look: 'section[aria-labelledby=through] .figure img',
  Firmware: 'section[aria-labelledby=plan] td select',
};
