import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Row, Tally } from './row.ts';

const CHILD = fileURLToPath(new URL('../dist/readers-child.js', import.meta.url));

/** After this time without a sign a reader reads for ever. */
const SILENCE_MS = 300_000;

/**
 * Gives every reader damaged files and texts: what has a checksum must come back right or be refused, and nothing may fail without a sentence or read
 * for ever.
 *
 * @param folder an empty one
 */
export async function attackReaders(options: {
  readonly seed: number;
  readonly count: number;
  readonly folder: string;
}): Promise<readonly Row[]> {
  const { seed, count, folder } = options;
  const child = spawn(process.execPath, [CHILD, String(seed), String(count), folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  let patience = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS);
  child.stdout.on('data', (data) => {
    out += data;
    clearTimeout(patience);
    patience = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS);
  });
  child.stderr.on('data', (data) => {
    err += data;
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done) => {
    child.on('close', (...ended) => done(ended));
  });
  clearTimeout(patience);
  const last = out.trimEnd().split('\n').at(-1) ?? '';
  if (code === 0) return JSON.parse(last) as Row[];
  const tally = new Tally('damaged: all readers');
  tally.add(signal === 'SIGKILL' ? 'late' : 'untyped', `${last} ended with ${code ?? signal}: ${err.slice(-2000)}`);
  return [tally.row()];
}
