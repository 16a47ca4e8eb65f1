import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromiumPath, openStudio } from '@sp/studio/open';
import type { Page } from 'playwright-core';
import { type BenchGroup, type Report, secondsOnce } from '../row.ts';

const epochs = 60;
/** Trainings of each side, one after the other in turn; odd, for the median. */
const rounds = 3;

/** The digits in the studio and, by the script that it gives for the same run, in Node. */
export const studio: BenchGroup = {
  name: 'studio',
  about: `digits, ${epochs} epochs in the studio's page (Chromium) and by its script in Node, in turn, medians of ${rounds}`,
  run: async (report) => {
    if (chromiumPath === undefined) {
      report({ name: 'digits in the page', value: Number.NaN, unit: 's', note: 'no Chromium on this machine' });
      return;
    }
    const opened = await openStudio();
    try {
      for (const batchSize of [16, 128]) {
        const context = await opened.newContext();
        await context.addInitScript(watchTasks);
        const page = await context.newPage();
        await page.goto(opened.origin);
        await page.getByRole('button', { name: 'built-in digits' }).click();
        await page.getByText('1,797 images').waitFor();
        await measureBoth(page, batchSize, report);
        await context.close();
      }
    } finally {
      await opened.close();
    }
  },
};

/** One training of the page or of Node. */
interface Training {
  /** From the click, or from the call of `fit`, to the end. */
  readonly seconds: number;
  /** Share of the test images in percent, as the page shows it. */
  readonly accuracy: string;
}

async function measureBoth(page: Page, batchSize: number, report: Report): Promise<void> {
  const cores = Number(await page.evaluate('navigator.hardwareConcurrency'));
  if (cores !== availableParallelism() || !(await page.evaluate('crossOriginIsolated'))) {
    throw new Error(`the page has ${cores} cores, Node ${availableParallelism()}: no comparison`);
  }
  const inPage: Training[] = [];
  const inNode: Training[] = [];
  const tasks: Task[] = [];
  let whole = 0;
  for (let round = 1; round <= rounds; round++) {
    const since = Number(await page.evaluate('performance.now()'));
    inPage.push(await trainInPage(page, batchSize, round));
    whole += inPage.at(-1)?.seconds ?? 0;
    tasks.push(...(await tasksOf(page)).filter(({ startTime }) => startTime >= since));
    inNode.push(await trainInNode(await scriptOf(page)));
  }
  const accuracies = new Set([...inPage, ...inNode].map(({ accuracy }) => accuracy));
  if (accuracies.size !== 1) throw new Error(`page and Node trained differently: ${[...accuracies].join(', ')} %`);
  const [ours, theirs] = [inPage, inNode].map(medianSeconds);
  const threads = batchSize === 16 ? 'one thread' : `${Math.min(2, cores)} threads`;
  report({
    name: `${batchSize} images a step, ${threads}, in the page`,
    value: ours,
    unit: 's',
    note: `${(ours / theirs).toFixed(2)} × the ${theirs.toFixed(2)} s in Node; goal: ≤ 2 ×; both ${[...accuracies]} % right`,
    more: { node: theirs, ratio: ours / theirs },
  });
  report({
    name: 'longest time that the page was blocked meanwhile',
    value: Math.max(0, ...tasks.map(({ duration }) => duration)),
    unit: 'ms',
    note: `${tasks.length} tasks of 50 ms or more in ${whole.toFixed(1)} s, all steps looked at; goal: ≤ 100 ms`,
  });
}

function medianSeconds(trainings: readonly Training[]): number {
  return trainings.map(({ seconds }) => seconds).sort((a, b) => a - b)[(trainings.length - 1) / 2];
}

/** Trains; meanwhile the user looks at every step. */
async function trainInPage(page: Page, batchSize: number, round: number): Promise<Training> {
  await goTo(page, 'Training');
  await page.getByLabel('Epochs', { exact: true }).fill(String(epochs));
  await page.getByLabel('Images per step').fill(String(batchSize));
  const run = page.locator('section.run').filter({ has: page.getByRole('heading', { name: `Run ${round} ` }) });
  const { seconds } = await secondsOnce(async () => {
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    // Any epoch: the page may show some of them only.
    await run.getByText(new RegExp(`^\\d+ of ${epochs}$`)).waitFor();
    for (const step of ['Data', 'Network', 'Look', 'Firmware', 'Training']) await goTo(page, step);
    await run.and(page.locator('[data-state=finished]')).waitFor();
  });
  const accuracy = await run
    .locator('div', { hasText: /^test accuracy/ })
    .locator('dd')
    .innerText();
  return { seconds, accuracy: accuracy.replace(' %', '') };
}

async function scriptOf(page: Page): Promise<string> {
  await goTo(page, 'Firmware');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download run.ts' }).click();
  return readFile(await (await download).path(), 'utf8');
}

async function goTo(page: Page, step: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: step }).click();
}

/** Runs a script of the studio where no compiler is found: its firmware is not what is measured. */
async function trainInNode(script: string): Promise<Training> {
  const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
  const folder = await mkdtemp(join(modules, '.bench-'));
  try {
    const { transformWithOxc } = await import('vite');
    await writeFile(join(folder, 'run.mjs'), (await transformWithOxc(script, 'run.ts')).code);
    const { CXX: _, ...env } = process.env;
    const options = { cwd: folder, env: { ...env, PATH: folder } };
    const { stdout } = await promisify(execFile)(process.execPath, ['run.mjs'], options);
    const [, accuracy, seconds] = /test accuracy (\S+) seconds (\S+)/.exec(stdout) ?? [];
    return { seconds: Number(seconds), accuracy: (100 * Number(accuracy)).toFixed(2) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A task of the page's own thread that took 50 ms or more; milliseconds. */
interface Task {
  readonly startTime: number;
  readonly duration: number;
}

/** In the page: notes its long tasks. */
function watchTasks(): void {
  const tasks: Task[] = [];
  (globalThis as unknown as { longTasks: Task[] }).longTasks = tasks;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) tasks.push({ startTime, duration });
  }).observe({ type: 'longtask', buffered: true });
}

function tasksOf(page: Page): Promise<readonly Task[]> {
  return page.evaluate(() => (globalThis as unknown as { longTasks: Task[] }).longTasks);
}
