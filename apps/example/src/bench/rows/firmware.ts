import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as hls from '@sp/hls';
import { compare, compile, emit, findCompiler, goldenVectors, NoCompilerError, plan, predict, write } from '@sp/hls';
import type * as quant from '@sp/quant';
import { type FixedGraph, graphBuilder, interpret, saveGraph } from '@sp/quant';
import { sliceImages } from '@sp/train';
import { inTurns } from '../in-turns.ts';
import { digits } from '../networks.ts';
import { packageOf } from '../other-clone.ts';
import { type BenchGroup, medianMilliseconds, type Report, secondsOnce } from '../row.ts';

/** From graph to compiled C++, and its speed against the interpreter. */
export const firmware: BenchGroup = {
  name: 'firmware',
  about: 'digits network: emit, compile with g++ (no cache), predict, compare',
  comparesClones: true,
  run: async (report, { against }) => {
    const { graph, train, test } = await digits();
    const folder = await mkdtemp(join(tmpdir(), 'sp-bench-'));
    try {
      const emitted = await secondsOnce(async () => {
        const files = emit(plan(graph), { golden: goldenVectors(graph, sliceImages(test, 0, 20).images) });
        await write(files, join(folder, 'firmware'));
      });
      report({ name: 'emit and write', value: emitted.seconds, unit: 's' });
      const { result: project, seconds } = await secondsOnce(() => compile(join(folder, 'firmware')));
      report({ name: 'compile', value: seconds, unit: 's' });
      report({ name: 'emit + compile', value: emitted.seconds + seconds, unit: 's' });
      if (against !== undefined) await besides(report, against, graph, folder);
      const batch = train.images;
      const count = train.labels.length;
      const compiled = await medianMilliseconds(() => predict(project, batch), 1);
      const interpreted = await medianMilliseconds(() => interpret(graph, batch), 1);
      report({ name: 'interpreter', value: (count / interpreted) * 1000, unit: 'images/s' });
      report({
        name: 'compiled, with starting the process and moving the images',
        value: (count / compiled) * 1000,
        unit: 'images/s',
        note: `${(interpreted / compiled).toFixed(2)} × the interpreter`,
      });
      const compared = await secondsOnce(() => compare(graph, project, test.images));
      report({
        name: `compare all layers on ${test.labels.length} images`,
        value: compared.seconds,
        unit: 's',
        note: `${compared.result.mismatches} mismatching codes`,
      });
      const cxx = await limitedCompiler(folder);
      const large = await secondsOnce(async () => {
        await write(emit(plan(largeDense())), join(folder, 'dense'));
        await compile(join(folder, 'dense'), { cxx });
      });
      report({
        name: 'emit + compile, dense 784 x 512',
        value: large.seconds,
        unit: 's',
        note: 'by a compiler with 1 GiB of memory',
      });
    } catch (error) {
      if (!(error instanceof NoCompilerError)) throw error;
      report({ name: 'compile', value: Number.NaN, unit: 's', note: error.message });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Emitted and compiled by this clone and another. */
async function besides(report: Report, against: string, graph: FixedGraph, folder: string): Promise<void> {
  const theirs = (await packageOf<typeof quant>(against, 'quant')).loadGraph(saveGraph(graph));
  const other = await packageOf<typeof hls>(against, 'hls');
  let serial = 0;
  const seconds = (from: Pick<typeof hls, 'emit' | 'plan' | 'write' | 'compile'>, made: FixedGraph) => async () => {
    const place = join(folder, `turn-${serial++}`);
    const { seconds: taken } = await secondsOnce(async () => {
      await from.write(from.emit(from.plan(made)), place);
      await from.compile(place);
    });
    return taken;
  };
  const own = { emit, plan, write, compile };
  const { ours, ratio } = await inTurns([seconds(own, graph), seconds(other, theirs)], 5);
  const note = `${ratio.toFixed(3)} × ${against}`;
  report({ name: 'emit + compile, in turns', value: ours, unit: 's', note, more: { ratio } });
}

/** A dense layer with 401,408 weights of 7 bits. */
function largeDense(): FixedGraph {
  const g = graphBuilder('large');
  const x = g.input('x', { shape: [784], format: { k: 0, i: 0, f: 8 } });
  const codes = Array.from({ length: 784 * 512 }, (_, j) => ((j * 7919) % 127) - 63);
  return g.build([g.dense('y', x, { kernel: { shape: [784, 512], codes, f: 5 } })]);
}

/** A command that runs the compiler with an address space of 1 GiB. */
async function limitedCompiler(folder: string): Promise<string> {
  const { words } = await findCompiler();
  const script = join(folder, 'limited');
  const command = words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  await writeFile(script, `#!/bin/sh\nulimit -v 1048576\nexec ${command} "$@"\n`);
  await chmod(script, 0o755);
  return script;
}
