import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as quant from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { transformWithOxc } from 'vite';
import { expect, it } from 'vitest';
import { mismatches } from '../test/support/mismatches.ts';
import * as layers from './index.ts';

/** What the example leaves behind. */
interface Made {
  readonly model: tf.LayersModel;
  readonly graph: quant.FixedGraph;
  readonly images: tf.Tensor;
}

it('the example of the README runs and is bit-exact', async () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const modules: Readonly<Record<string, unknown>> = {
    '@tensorflow/tfjs': tf,
    '@sp/layers': layers,
    '@sp/quant': quant,
  };
  const { code: plain } = await transformWithOxc(code, 'example.ts');
  const script = plain
    .replace(/^import \* as (\w+) from (".*");$/gm, 'const $1 = modules[$2];')
    .replace(/^import (\{[^}]*\}) from (".*");$/gm, 'const $1 = modules[$2];');
  const printed: unknown[][] = [];
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  const run = new AsyncFunction('modules', 'console', `${script}\nreturn { model, graph, images };`);

  const made: Made = await run(modules, { log: (...line: unknown[]) => printed.push(line) });

  // Says the seed, and what differs first.
  expect(printed[0].slice(0, 2).join(' ')).toBe('seed 1: bit for bit');
  const differences = mismatches(made.model, made.graph, made.images);
  expect(differences).toEqual(Object.fromEntries(Object.keys(differences).map((layer) => [layer, 0])));
  const formats = expect.objectContaining({ shape: [3, 3, 1, 2] });
  expect(printed).toEqual([['seed 1:', 'bit for bit', expect.any(Number), formats]]);
  expect(printed[0][2]).toBeGreaterThan(0);
});
