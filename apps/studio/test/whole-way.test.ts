/** From images to firmware in a page; the firmware that is taken away computes what the page did. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compile, predict } from '@sp/hls';
import { setBackend } from '@sp/layers';
import { decode, type FixedGraph, loadGraph, saveGraph } from '@sp/quant';
import { loadDigits, splitDataset, type TrainingState } from '@sp/train';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitDefaults } from '../src/project/data-choice.ts';
import { withReduction } from '../src/project/network.ts';
import { presets } from '../src/project/presets.ts';
import { trainingDefaults } from '../src/project/training-settings.ts';
import { graphOf } from '../src/work/firmware.ts';
import { trainRun } from '../src/work/train-run.ts';
import { digitsNpz, type GivenFile } from './support/files.ts';
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

  it('goes from a dropped file to verified firmware, with a reload in the middle', async () => {
    const context = await studio.newContext();
    const { complaints, foreign } = await watch(context, studio.origin);
    const page = await context.newPage();
    await page.goto(studio.origin);
    await drop(page, await digitsNpz());
    await page.getByText('1,797 images of 28 × 28 × 1 in 10 classes.').waitFor();
    await setSlider(page, /^n/, 22);
    await setSlider(page, /^threshold/, 0.35);
    await page
      .getByRole('img', { name: /^\d: 22 pixels kept, [1-9]\d* dropped/ })
      .first()
      .waitFor();
    await goTo(page, 'Training');
    await page.getByLabel('Epochs', { exact: true }).fill('8');
    await thenPause(page, 'Train');
    await page.locator('section.run[data-state=paused]').waitFor();
    await thenPause(page, 'Go on');
    await page.locator('section.run[data-state=paused]').waitFor();
    await page.reload();
    await page.locator('section.run[data-state=interrupted]').waitFor();
    await page.getByRole('button', { name: 'Go on with Run 1' }).click();
    await page.locator('section.run[data-state=finished]').getByText('8 of 8').waitFor();
    await goTo(page, 'Firmware');
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    expect(await page.locator('[data-mismatches]').getAttribute('data-mismatches')).toBe('0');
    const graph = await compareFirmware(page, folder);
    expect(complaints).toEqual([]);
    expect(foreign).toEqual([]);
    // On the other side of all the workers, stores and threads: the same training without a break, in Node.
    expect(saveGraph(graph)).toEqual(saveGraph(await trainedInNode({ n: 22, threshold: 0.35 }, 8)));
    await context.close();
  });
});

/** Drops a file onto the page. */
async function drop(page: Page, { name, buffer }: GivenFile): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([fileName, content]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], fileName));
      return data;
    },
    [name, buffer.toString('base64')] as const,
  );
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: transfer });
}

async function setSlider(page: Page, name: RegExp, value: number): Promise<void> {
  await page.getByRole('slider', { name }).fill(String(value));
}

/** Clicks, and pauses the training in the same breath, so that no epoch can end unseen. */
async function thenPause(page: Page, first: string): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^${first}`) }).evaluate(async (button) => {
    (button as HTMLButtonElement).click();
    for (;;) {
      const all = [...document.querySelectorAll<HTMLButtonElement>('section.run button')];
      const pause = all.find(({ textContent }) => textContent?.startsWith('Pause'));
      if (pause !== undefined) return pause.click();
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  });
}

/** The graph that the same training gives in Node. */
async function trainedInNode(
  reduction: { readonly n: number; readonly threshold: number },
  epochs: number,
): Promise<FixedGraph> {
  await setBackend('cpu');
  const { train: rest, test } = await loadDigits();
  const { validation: share, seed } = splitDefaults;
  const { rest: train, heldOut: validation } = splitDataset(rest, share, seed);
  let state: TrainingState | undefined;
  const { model } = await trainRun({
    network: withReduction(presets.digits.network, reduction),
    training: { ...trainingDefaults, epochs },
    data: { train, validation, test, notes: [] },
    checkpoints: {
      save: async (next) => {
        state = structuredClone(next);
      },
      load: async () => state,
    },
  });
  return graphOf(model);
}

/** Takes the firmware, compiles it, and compares it with the outputs that the page gave. */
async function compareFirmware(page: Page, folder: string): Promise<FixedGraph> {
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
  return graph;
}

async function unpack(zip: string, folder: string): Promise<void> {
  for (const [path, content] of Object.entries(unzipSync(new Uint8Array(await readFile(zip))))) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
