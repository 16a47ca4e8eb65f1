/** From images to firmware in a page; the firmware that is taken away computes what the page did. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compile, predict } from '@sp/hls';
import { decode, loadGraph } from '@sp/quant';
import { loadDigits } from '@sp/train';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, downloaded, goTo, openStudio, type Studio, tellSkipped, watch } from './support/studio-page.ts';

tellSkipped('whole-way.test.ts');

describe.skipIf(chromiumPath === undefined)('in headless Chromium', () => {
  let studio: Studio;
  let folder: string;

  beforeAll(async () => {
    studio = await openStudio();
    folder = await mkdtemp(join(tmpdir(), 'sp-studio-'));
  });

  afterAll(async () => {
    await studio?.close();
    await rm(folder, { recursive: true });
  });

  it('goes from the digits to verified firmware', async () => {
    const context = await studio.newContext();
    const { complaints, foreign } = await watch(context, studio.origin);
    const page = await context.newPage();
    await page.goto(studio.origin);
    await page.getByRole('button', { name: 'built-in digits' }).click();
    await page.getByText('1,797 images of 28 × 28 × 1 in 10 classes.').waitFor();
    await page
      .getByRole('img', { name: /^\d: \d+ pixels kept/ })
      .first()
      .waitFor();
    await goTo(page, 'Training');
    await page.getByLabel('Epochs', { exact: true }).fill('8');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await page.locator('section.run[data-state=finished]').waitFor();
    await goTo(page, 'Firmware');
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    expect(await page.locator('[data-mismatches]').getAttribute('data-mismatches')).toBe('0');
    await compareFirmware(page, folder);
    expect(complaints).toEqual([]);
    expect(foreign).toEqual([]);
    await context.close();
  });
});

/** Takes the firmware, compiles it, and compares it with the outputs that the page gave. */
async function compareFirmware(page: Page, folder: string): Promise<void> {
  const firmware = join(folder, 'firmware');
  await unpack(await downloaded(page, 'Firmware (.zip)'), firmware);
  const graphFolder = join(folder, 'graph');
  await unpack(await downloaded(page, 'Fixed-point graph (.json + .bin)'), graphFolder);
  const answers = await readFile(await downloaded(page, 'Outputs on the test images (.csv)'), 'utf8');
  const graph = loadGraph({
    json: await readFile(join(graphFolder, 'graph.json'), 'utf8'),
    weights: new Uint8Array(await readFile(join(graphFolder, 'graph.bin'))),
  });
  const rows = answers.trim().split('\n').slice(1);
  const { test } = await loadDigits();
  expect(rows.length).toBe(test.labels.length);
  const [output] = graph.outputs;
  const node = graph.nodes.find(({ name }) => name === output);
  const outputs = await predict(await compile(firmware), test.images);
  const compiled = decode(node!, outputs[output]);
  const inPage = rows.flatMap((row) => row.split(',').slice(2).map(Number));
  expect([...compiled]).toEqual(inPage);
  expect(rows.map((row) => Number(row.split(',')[1]))).toEqual([...test.labels]);
}

async function unpack(zip: string, folder: string): Promise<void> {
  for (const [path, content] of Object.entries(unzipSync(new Uint8Array(await readFile(zip))))) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
