/**
 * Reads damaged things: in a process of its own, so that one that reads for ever is seen from outside. Arguments: seed, count, an empty folder.
 * Prints the name of the reader now and then, and in the end the rows as JSON.
 */
import { dice } from './dice.ts';
import { readers } from './readers.ts';
import { Tally } from './row.ts';

/** Longest time for one file, in microseconds of this process, whatever else the machine does. */
const LIMIT_US = 20_000_000;

function isLate(start: NodeJS.CpuUsage): boolean {
  const { user, system } = process.cpuUsage(start);
  return user + system > LIMIT_US;
}

const [seed, count, folder] = process.argv.slice(2);
const all = await readers(folder);
const shares = all.reduce((sum, { share }) => sum + share, 0);
const rows = [];
for (const reader of all) {
  const chance = dice(Number(seed));
  const tally = new Tally(`damaged: ${reader.name}`);
  const tries = Math.max(3, Math.ceil((Number(count) * reader.share) / shares));
  for (let j = 0; j < tries; j++) {
    if (j % 20 === 0) process.stdout.write(`${reader.name}\n`);
    const start = process.cpuUsage();
    try {
      const right = await reader.attempt(chance);
      tally.add(isLate(start) ? 'late' : right ? 'right' : 'damaged', `try ${j} of seed ${seed}`);
    } catch (error) {
      if (isLate(start)) tally.add('late', `try ${j} of seed ${seed}: ${error}`);
      else tally.fail(error);
    }
  }
  rows.push(tally.row());
}
process.stdout.write(`${JSON.stringify(rows)}\n`);
