#!/usr/bin/env node
/** `npm run bench [-- group …] [-- --json FILE]`: measures, prints a table, writes JSON. */
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setBackend } from '@sp/layers';
import { printRow, type Row } from './row.ts';
import { data } from './rows/data.ts';
import { firmware } from './rows/firmware.ts';
import { interpreter } from './rows/interpreter.ts';
import { memory } from './rows/memory.ts';
import { pareto } from './rows/pareto.ts';
import { profile } from './rows/profile.ts';
import { prune } from './rows/prune.ts';
import { pruneStudy } from './rows/prune-study.ts';
import { quantise } from './rows/quantise.ts';
import { search } from './rows/search.ts';
import { studio } from './rows/studio.ts';
import { threshold } from './rows/threshold.ts';
import { tracksStudy } from './rows/tracks-study.ts';
import { training } from './rows/training.ts';

const groups = [
  quantise,
  interpreter,
  firmware,
  training,
  profile,
  memory,
  data,
  prune,
  search,
  studio,
  pareto,
  threshold,
  pruneStudy,
  tracksStudy,
];

const help = `npm run bench [-- GROUP …] [-- --json FILE] [-- --against DIR]

Measures on this machine; ratios within one run are what counts. Groups (default: all but pareto, threshold, prune-study and tracks-study):
${groups.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n')}
--against DIR  root of another built clone, e.g. of the commit before: measured in turns with this one (\`train\`, \`interpreter\`, \`firmware\`);
               \`1.02 ×\` says that this one is 1.02 times as fast
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'string' }, against: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const unknown = positionals.find((word) => !groups.some(({ name }) => name === word));
  if (unknown !== undefined)
    throw new RangeError(`unknown group '${unknown}'; use ${groups.map(({ name }) => name).join(', ')}`);
  const { against } = values;
  if (against !== undefined) {
    const asked = groups.filter(({ name }) => positionals.includes(name));
    const deaf = asked.find(({ comparesClones }) => comparesClones !== true);
    if (deaf !== undefined || asked.length === 0) {
      const able = groups.filter(({ comparesClones }) => comparesClones === true).map(({ name }) => name);
      throw new RangeError(`--against is for ${able.join(', ')}${deaf ? `, not for ${deaf.name}` : ''}; name them`);
    }
    if (!existsSync(join(against, 'packages', 'train', 'dist', 'index.js'))) {
      throw new RangeError(`--against ${against}: no built clone is there; run npm run build in one`);
    }
  }
  const { note } = await setBackend('auto');
  process.stderr.write(`${note}\n`);
  const rows: Row[] = [];
  for (const { name: group, about, run, onlyWhenNamed = false } of groups) {
    if (positionals.length > 0 ? !positionals.includes(group) : onlyWhenNamed) continue;
    process.stdout.write(`\n${group}: ${about}\n`);
    await run(
      (measured) => {
        const row = { group, ...measured };
        rows.push(row);
        process.stdout.write(`${printRow(row)}\n`);
      },
      { against },
    );
  }
  if (values.json !== undefined) {
    const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
    await writeFile(`${values.json}.part`, `${JSON.stringify({ machine, rows }, null, 2)}\n`);
    await rename(`${values.json}.part`, values.json);
    process.stdout.write(`\nwritten: ${values.json}\n`);
  }
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 2;
}
