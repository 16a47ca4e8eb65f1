/** What goes wrong, and loses nothing: full storage, dead workers, crashed tabs; and what is stopped or taken elsewhere goes on. */
import { readFile } from 'node:fs/promises';
import { unzipSync, zipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { given } from './support/files.ts';
import {
  chromiumPath,
  downloaded,
  goTo,
  openStudio,
  type Studio,
  tellSkipped,
  watch,
  withDigits,
} from './support/studio-page.ts';

tellSkipped('safety.test.ts');

describe.skipIf(chromiumPath === undefined)('in headless Chromium', () => {
  let studio: Studio;

  beforeAll(async () => {
    studio = await openStudio();
  });

  afterAll(() => studio?.close());

  it('takes a whole project elsewhere as a file: images, runs, networks, and what is only begun', async () => {
    const here = await studio.newContext();
    const page = await withDigits(studio, here);
    await page.getByLabel('Project').fill('My digits');
    await beginTraining(page, 2);
    await runIn(page, 'finished').waitFor();
    const accuracy = await testAccuracy(page);
    const path = await downloaded(page, 'Save as file');
    const file = given('my-digits.sp-studio.zip', await readFile(path));
    await here.close();

    const there = await studio.newContext();
    const { complaints } = await watch(there, studio.origin);
    const other = await there.newPage();
    await other.goto(studio.origin);
    for (const [name, bytes, said] of [
      [
        'broken.zip',
        file.buffer.subarray(0, 1000),
        /^broken\.zip: no zip file, or damaged; choose a file that “Save as file” made/,
      ],
      ['none.zip', zipSync({ 'a.txt': new Uint8Array(3) }), /^none\.zip: holds no project/],
      ['part.zip', withDamage(file.buffer), /^part\.zip: models of .* is damaged/],
    ] as const) {
      await other.getByLabel('Open').setInputFiles(given(name, bytes));
      await other.getByRole('alert').filter({ hasText: said }).waitFor();
      expect(await other.getByLabel('Project').inputValue()).toBe('Untitled');
    }
    await other.getByLabel('Open').setInputFiles(file);
    await other.getByText('My digits is open.').waitFor();
    await other.getByText('UCI digits as sparse').waitFor();
    await goTo(other, 'Training');
    expect(await testAccuracy(other)).toBe(accuracy);
    await goTo(other, 'Firmware');
    await other.getByRole('button', { name: 'Verify', exact: true }).click();
    expect(await other.locator('[data-mismatches]').getAttribute('data-mismatches')).toBe('0');
    // It is kept there, too.
    await other.reload();
    await other.getByText('Network of').waitFor();
    expect(complaints).toEqual([]);
    await there.close();
  });

  it('says when there is no more room, and keeps what there was', async () => {
    // Without the worker that keeps the site itself: it takes room, too.
    const context = await studio.newContext({ serviceWorkers: 'block' });
    const page = await context.newPage();
    const developer = await context.newCDPSession(page);
    // Room for the digits and their runs, not for the jets.
    await developer.send('Storage.overrideQuotaForOrigin', { origin: studio.origin, quotaSize: 12e6 });
    await page.goto(studio.origin);
    await page.getByRole('button', { name: 'built-in digits' }).click();
    await page.getByText('1,797 images').waitFor();
    await page.getByRole('button', { name: 'synthetic jets' }).click();
    const full = /no more room for this page\. Save the project as a file, remove runs, or free space on the disk/;
    await page.getByRole('alert').filter({ hasText: full }).waitFor();
    await page.getByText(/^UCI digits as/).waitFor();
    await beginTraining(page, 2);
    await runIn(page, 'finished').waitFor();
    await page.reload();
    await runIn(page, 'finished').waitFor();
    await goTo(page, 'Data');
    await page.getByText(/^UCI digits as/).waitFor();
    await context.close();
  });

  it.each(['self.close()', 'setTimeout(() => { throw new RangeError("out of memory"); })'])(
    'says when the workers have died of %s, and begins new ones',
    async (death) => {
      const context = await studio.newContext();
      const page = await withDigits(studio, context);
      const [desk] = page.workers();
      await beginTraining(page, 5000);
      await runIn(page, 'training').getByText('1 of 5000').waitFor();
      const trainer = page.workers().find((worker) => worker !== desk && worker.url().includes('worker'));
      await trainer?.evaluate(death);
      const said = /The worker has ended.*Nothing that was kept is lost; try again, or reload the page/;
      await page.getByRole('alert').filter({ hasText: said }).waitFor();
      await page.getByRole('button', { name: 'Go on with Run 1' }).click();
      await runIn(page, 'training').waitFor();
      await page.getByRole('button', { name: 'Stop Run 1' }).click();
      await runIn(page, 'stopped').waitFor();
      await desk.evaluate(death);
      // The next question finds it dead or anew; the one after, alive.
      await goTo(page, 'Look');
      await page.reload();
      await page.locator('section[aria-labelledby=numbers] .figure img').waitFor();
      await page.workers()[0].evaluate(death);
      await goTo(page, 'Firmware');
      await page.getByText('LUT', { exact: true }).first().waitFor();
      await context.close();
    },
  );

  it('loses nothing that was kept when the tab crashes', async () => {
    const context = await studio.newContext();
    const page = await withDigits(studio, context);
    await beginTraining(page, 5000);
    await runIn(page, 'training').getByText('2 of 5000').waitFor();
    const crashed = page.waitForEvent('crash');
    const developer = await context.newCDPSession(page);
    developer.send('Page.crash').catch(() => {
      // It has no page to answer for.
    });
    await crashed;
    await page.close();
    const again = await context.newPage();
    await again.goto(`${studio.origin}/#training`);
    await runIn(again, 'interrupted').waitFor();
    await again.getByRole('button', { name: 'Go on with Run 1' }).click();
    const epochs = runIn(again, 'training').getByText(/^\d+ of 5000$/);
    await epochs.waitFor();
    expect(Number((await epochs.textContent())?.split(' ')[0])).toBeGreaterThanOrEqual(2);
    await context.close();
  });

  it('stops a training at once, with a network to look at, and goes on to the end', async () => {
    const context = await studio.newContext();
    const { complaints } = await watch(context, studio.origin);
    const page = await withDigits(studio, context);
    await beginTraining(page, 12);
    await page.getByRole('button', { name: 'Pause Run 1' }).click();
    await runIn(page, 'paused').waitFor();
    await page.getByRole('button', { name: 'Stop Run 1' }).click();
    await runIn(page, 'stopped').waitFor();
    await page.getByText(/^Run 1 has been stopped: [\d.]+ % of the test images right/).waitFor();
    await page.getByRole('button', { name: 'Look at Run 1' }).click();
    await page.locator('section[aria-labelledby=numbers] .figure img').waitFor();
    await goTo(page, 'Training');
    await page.getByRole('button', { name: 'Go on with Run 1' }).click();
    await runIn(page, 'finished').getByText('12 of 12').waitFor();
    await page.getByRole('button', { name: 'Remove Run 1' }).click();
    await page.getByText('Run 1 was removed.').waitFor();
    expect(await page.locator('section.run').count()).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

async function beginTraining(page: Page, epochs: number): Promise<void> {
  await goTo(page, 'Training');
  await page.getByLabel('Epochs', { exact: true }).fill(String(epochs));
  await page.getByRole('button', { name: 'Train', exact: true }).click();
}

function runIn(page: Page, state: string) {
  return page.locator(`section.run[data-state=${state}]`);
}

async function testAccuracy(page: Page, run = 'Run 1'): Promise<string> {
  const card = page.locator('section.run').filter({ has: page.getByRole('heading', { name: `${run} ` }) });
  return card
    .locator('div', { hasText: /^test accuracy/ })
    .locator('dd')
    .innerText();
}

/** A project's file whose trained variables miss a piece. */
function withDamage(bytes: Uint8Array): Uint8Array {
  const files = unzipSync(bytes);
  for (const name of Object.keys(files)) if (/^models\/.*\/0\.bin$/.test(name)) delete files[name];
  return zipSync(files);
}
