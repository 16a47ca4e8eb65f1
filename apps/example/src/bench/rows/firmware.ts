import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, compile, emit, goldenVectors, NoCompilerError, plan, predict, write } from '@sp/hls';
import { interpret } from '@sp/quant';
import { sliceImages } from '@sp/train';
import { digits } from '../networks.ts';
import { type BenchGroup, medianMilliseconds, secondsOnce } from '../row.ts';

/** From graph to compiled C++, and its speed against the interpreter. */
export const firmware: BenchGroup = {
  name: 'firmware',
  about: 'digits network: emit, compile with g++ (no cache), predict, compare',
  run: async (report) => {
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
    } catch (error) {
      if (!(error instanceof NoCompilerError)) throw error;
      report({ name: 'compile', value: Number.NaN, unit: 's', note: error.message });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
