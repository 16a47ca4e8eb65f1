/** Batches large enough for several processes, inputs of every storage width, and what must be refused. */
import { graphBuilder, interpret } from '@sp/quant';
import { describe, expect, it } from 'vitest';
import { type CompiledProject, compile, emit, plan, predict, write } from '../src/index.ts';
import { temporaryFolder, writeFiles } from './support/workspace.ts';

async function built(name: string, width: number) {
  const g = graphBuilder(name);
  const x = g.input('x', {
    shape: [3, 2],
    format: { k: 1, i: 2, f: width - 3 },
    round: 'RND_CONV',
    overflow: 'SAT_SYM',
  });
  const graph = g.build([g.dense('y', x, { kernel: { shape: [2, 2], codes: [1, -2, 3, 5], f: 1 } })]);
  const dir = `${await temporaryFolder()}/p`;
  await write(emit(plan(graph)), dir);
  return { graph, project: await compile(dir, { flags: ['-O0'] }) };
}

describe('predict', () => {
  it.each([5, 12, 30, 50, 70])('shares large batches among processes, with inputs of %i bits', async (width) => {
    const { graph, project } = await built('shared', width);
    // Zeros, ties, and values out of range; 1301 images make uneven shares.
    const step = 2 ** -(Math.min(width, 40) - 2);
    const values = Float64Array.from({ length: 1301 * 6 }, (_, j) =>
      j % 3 === 0 ? 0 : ((j * 7919) % 4001) * step - 5 * (j % 2),
    );
    expect(await predict(project, values)).toEqual(interpret(graph, values).outputs);
    const singles = Float32Array.from(values);
    expect(await predict(project, singles)).toEqual(interpret(graph, singles).outputs);
    expect(await predict(project, [...values.subarray(0, 12)])).toEqual(
      interpret(graph, values.subarray(0, 12)).outputs,
    );
  });

  it('refuses what is no number, wherever it stands', async () => {
    const { project } = await built('strict', 8);
    for (const place of [0, 1300 * 6 + 5]) {
      const values = new Float64Array(1301 * 6).fill(0.5);
      values[place] = Number.NaN;
      await expect(predict(project, values)).rejects.toThrow(/NaN/);
    }
  });

  it('says what a dying program said', async () => {
    const { project } = await built('dying', 8);
    const folder = await temporaryFolder();
    await writeFiles(folder, [['fails.sh', '#!/bin/sh\necho out of luck >&2\nexit 7\n']]);
    const { chmod } = await import('node:fs/promises');
    await chmod(`${folder}/fails.sh`, 0o755);
    const broken: CompiledProject = { ...project, executable: `${folder}/fails.sh` };
    await expect(predict(broken, new Float64Array(1301 * 6))).rejects.toThrow(/ended with 7 after 0 of .*out of luck/);
    await expect(predict({ ...project, executable: `${folder}/none` }, new Float64Array(6))).rejects.toThrow(
      /none cannot be started: there is no such program/,
    );
  });
});
