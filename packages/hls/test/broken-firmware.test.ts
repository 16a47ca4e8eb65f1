/** A firmware that computes something else is found out: `compare` names the node where it starts. */
import { graphBuilder } from '@sp/quant';
import { describe, expect, it } from 'vitest';
import { compare, compile, emit, plan, write } from '../src/index.ts';
import { temporaryFolder } from './support/workspace.ts';

function roundingGraph() {
  const g = graphBuilder('rounding');
  const x = g.input('x', { shape: [6], format: { k: 1, i: 2, f: 4 }, round: 'RND', overflow: 'SAT' });
  const fine = g.requantize('fine', x, { to: { k: 1, i: 3, f: 4 } });
  const rounded = g.requantize('rounded', fine, { to: { k: 1, i: 2, f: 2 }, round: 'RND_CONV', overflow: 'SAT' });
  const y = g.dense('y', rounded, { kernel: { shape: [6, 2], codes: [1, 2, 3, -1, -2, 5, 1, 1, 7, -3, 2, 2], f: 1 } });
  return g.build([y]);
}

const images = Float64Array.from({ length: 60 * 6 }, (_, j) => ((j * 37) % 128) / 16 - 4);

/** Compiles the firmware with one text of one file replaced, and compares. */
async function compareMutated(path: string, from: string, to: string) {
  const folder = await temporaryFolder();
  const graph = roundingGraph();
  const files = new Map(emit(plan(graph)));
  const original = files.get(path) as string;
  expect(original).toContain(from);
  files.set(path, original.replace(from, to));
  await write(files, `${folder}/project`);
  return compare(graph, await compile(`${folder}/project`, { flags: ['-O0'] }), images);
}

describe('compare', () => {
  it('finds nothing in the firmware as emitted', async () => {
    const result = await compareMutated('firmware/sp/sp_fixed.h', '>> drop', '>> drop');
    expect(result.mismatches).toBe(0);
    expect(result.images).toBe(60);
  });

  it('finds a rounding that is broken in the arithmetic header', async () => {
    // Ties then go up instead of to the even neighbour.
    const result = await compareMutated(
      'firmware/sp/sp_fixed.h',
      'return T(value + (half - T(1)) + odd) >> drop;',
      'return T(value + (half - T(1)) + (odd | T(1))) >> drop;',
    );
    const row = (node: string) => result.rows.find((candidate) => candidate.node === node);
    expect(row('fine')?.mismatches).toBe(0);
    expect(row('rounded')?.mismatches).toBeGreaterThan(0);
    expect(row('rounded')?.maxDifference).toBe(1);
    expect(row('y')?.mismatches).toBeGreaterThan(0);
    expect(result.table).toMatch(/rounded +requantize +360 +[1-9]/);
  });

  it('finds a wrong weight', async () => {
    const result = await compareMutated('firmware/weights/y_kernel.h', '-3', '-2');
    expect(result.rows.map(({ mismatches }) => mismatches > 0)).toEqual([false, false, false, true]);
  });

  it('finds a wrong rounding mode in the emitted parameters', async () => {
    const result = await compareMutated('firmware/parameters.h', 'AP_RND_CONV, AP_SAT', 'AP_TRN, AP_SAT');
    expect(result.rows.find(({ node }) => node === 'rounded')?.mismatches).toBeGreaterThan(0);
  });
});
