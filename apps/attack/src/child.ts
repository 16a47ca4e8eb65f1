/**
 * What is killed: writes state after state until then. Arguments: the writer, its folder, the first state, how many states (0: without end).
 * Prints `ready`, then the number of each state when it is written, `busy` when it was refused because another process writes, or a line of JSON with an error.
 */
import { FileError } from '@sp/quant/files';
import { WRITERS } from './writers.ts';

const [kind, folder, first, count] = process.argv.slice(2);
const writer = WRITERS[kind];
if (kind === 'the firmware project one is in') process.chdir(folder);
// Everything that is loaded on first use is loaded now: kills shall hit the writing.
await writer.load();
process.stdout.write('ready\n');
for (let n = Number(first); count === '0' || n < Number(first) + Number(count); n++) {
  try {
    await writer.write(folder, n, (line) => process.stderr.write(`note: ${line}\n`));
    process.stdout.write(`${n}\n`);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const cause = error instanceof Error ? error.cause : undefined;
    const busy =
      [error, cause].some((each) => each instanceof FileError) && /is being written by process \d+;/.test(text);
    process.stdout.write(
      busy ? 'busy\n' : `${JSON.stringify({ error: error instanceof Error ? (error.stack ?? text) : text })}\n`,
    );
  }
}
