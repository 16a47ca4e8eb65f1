/** Files of users in a page: each kind is read, and what is broken is told in a sentence with a remedy. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digitsCsv, digitsHdf5, digitsIdx, digitsNpz, type GivenFile, given } from './support/files.ts';
import { chromiumPath, openStudio, type Studio, tellSkipped, type Watched, watch } from './support/studio-page.ts';

tellSkipped('data-files.test.ts');

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

describe.skipIf(chromiumPath === undefined)('files in headless Chromium', () => {
  let studio: Studio;
  let context: BrowserContext;
  let page: Page;
  let watched: Watched;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sp-studio-files-'));
    studio = await openStudio();
    context = await studio.newContext();
    watched = await watch(context, studio.origin);
    page = await context.newPage();
    await page.goto(studio.origin);
  });

  afterAll(async () => {
    await studio?.close();
    await rm(folder, { recursive: true });
  });

  const choose = (files: GivenFile | readonly GivenFile[]) =>
    page.getByLabel('Drop a file here').setInputFiles([files].flat() as GivenFile[]);

  it.each<[string, () => Promise<GivenFile | readonly GivenFile[]>, string]>([
    ['NumPy', digitsNpz, '1,797 images of 28 × 28 × 1 in 10 classes.'],
    ['IDX, packed or not', digitsIdx, '100 images of 28 × 28 × 1 in 10 classes.'],
    ['CSV', digitsCsv, '100 images of 28 × 28 × 1 in 10 classes.'],
    ['HDF5', () => digitsHdf5(folder), '100 images of 28 × 28 × 1 in 10 classes.'],
  ])('%s', async (_, make, said) => {
    const files = await make();
    await choose(files);
    await page.getByText(`images of ${[files].flat()[0].name}`).waitFor();
    await page.getByRole('status').getByText(said).waitFor();
  });

  it.each<[string, () => Promise<GivenFile | readonly GivenFile[]>, RegExp]>([
    [
      'an archive cut short',
      async () => given('cut.npz', (await digitsNpz()).buffer.subarray(0, 5000)),
      /^cut\.npz: .*(get the file again|npz file made by numpy)/,
    ],
    [
      'an archive without images',
      async () => given('other.npz', zipSync({ 'weights.npy': text('none') })),
      /^other\.npz: array 'x_train': missing .*'weights'.*name them: images and labels/,
    ],
    [
      'IDX of another kind',
      async () => [given('a-images-idx3-ubyte', text('hello')), given('a-labels-idx1-ubyte', text('hello'))],
      /^a-images-idx3-ubyte: magic number: .*give an IDX file/,
    ],
    [
      'images without labels',
      async () => [(await digitsIdx())[0]],
      /^some-images-idx3-ubyte\.gz: IDX data are two files.*choose them together/,
    ],
    [
      'HDF5 cut short',
      async () => given('cut.h5', (await digitsHdf5(folder)).buffer.subarray(0, 3000)),
      /^cut\.h5: file: cut short: 3000 bytes of \d+; get the file again/,
    ],
    [
      'lines of different lengths',
      async () => given('lines.csv', text('1,2,3,4,0\n1,2,3,1\n')),
      /^lines\.csv: line 2: 4 values, expected 4 pixels and 1 label/,
    ],
    [
      'damaged packing',
      async () => given('lines.csv.gz', gzipSync(text('1,2,3,4,0\n')).subarray(0, 12)),
      /^lines\.csv\.gz: gzip data: cannot be unpacked .*get the file again/,
    ],
    ['a file of no kind', async () => given('paper.pdf', text('%PDF')), /^paper\.pdf: of no kind .*give an \.npz/],
  ])('refuses %s, and keeps what was there', async (_, make, said) => {
    const before = await page.getByText(/^images of digits\.h5: /).innerText();
    await choose(await make());
    const alert = page.getByRole('alert').filter({ hasText: said });
    await alert.waitFor();
    expect(await page.getByText(/^images of digits\.h5: /).innerText()).toBe(before);
    await page.getByRole('button', { name: 'Dismiss the message' }).click();
  });

  it('asks nobody else, and says nothing to the console', () => {
    expect(watched.complaints).toEqual([]);
    expect(watched.foreign).toEqual([]);
  });
});
