// A problem for tests of kills: Hartmann's function, in steps, each of which takes a moment, leaves in the trial's folder how far it is, and a sign of life in the file SP_SIGNS.
import { appendFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileWhole } from '@sp/quant/files';
import { PointError } from '@sp/search';

const sign = () => process.env.SP_SIGNS && appendFileSync(process.env.SP_SIGNS, '.');

export default function stepProblem({ steps = 6, milliseconds = 10, fail = 13 } = {}) {
  return {
    async run({ number, point, seed }, { folder, rung }) {
      sign();
      if (number % fail === fail - 1) throw new PointError(`number ${number} is impossible`);
      await mkdir(folder, { recursive: true });
      const file = join(folder, 'steps.json');
      let { step, sum } = JSON.parse(await readFile(file, 'utf8').catch(() => '{ "step": 0, "sum": 0 }'));
      const centre = Object.values(point).reduce((total, x, j) => total + (x - j / 7) ** 2, 0);
      const quality = (at) => centre + 1 / (1 + at) + (seed % 1000) * 1e-6;
      for (; step < steps; step++) {
        // Work that a kill has to cut short somewhere.
        const until = performance.now() + milliseconds;
        while (performance.now() < until) Math.sqrt(until);
        await new Promise((resolve) => setImmediate(resolve));
        sum += (step + 1) * quality(step);
        await writeFileWhole(file, JSON.stringify({ step: step + 1, sum }));
        sign();
        if ([1, 3].includes(step) && !rung(step + 1, { y: quality(step) })) return {};
      }
      for (const at of [2, 4]) if (!rung(at, { y: quality(at - 1) })) return {};
      return { y: quality(steps), sum };
    },
  };
}
