import { readFile } from 'node:fs/promises';
import { setBackend } from '@sp/layers';
import { loadKeras } from '@sp/layers/keras';
import { type CheckSummary, summarise, summaryLines } from './parity/check-summary.ts';
import { type ParityFile, ParityFileError, parseParityFile } from './parity/parity-file.ts';
import { runParity } from './parity/run-parity.ts';

/** Outcome of the `parity` command: one entry per backend. */
export interface ParityReport {
  readonly command: 'parity';
  readonly file: string;
  readonly ok: boolean;
  readonly backends: readonly BackendReport[];
}

/** All comparisons on one backend. */
export interface BackendReport extends CheckSummary {
  readonly backend: string;
}

/**
 * Repeats the training run recorded in a parity file, with the architecture of the `.keras` file beside it, and compares
 * every recorded number. Runs on the cpu and on the wasm backend.
 *
 * @param path the `.json` file
 * @throws ParityFileError when a file is missing or is not what it should be.
 */
export async function parity(path: string): Promise<ParityReport> {
  const file = parseParityFile((await read(path)).toString('utf8'), `'${path}'`);
  const kerasPath = path.replace(/\.json$/, '.keras');
  const keras = new Uint8Array(await read(kerasPath));
  const backends: BackendReport[] = [];
  for (const backend of ['cpu', 'wasm'] as const) {
    await setBackend(backend);
    backends.push(await runOn(backend, file, keras, kerasPath));
  }
  return { command: 'parity', file: path, ok: backends.every(({ ok }) => ok), backends };
}

/** The report as a short table for a terminal. */
export function parityTable(report: ParityReport): string {
  const lines = [`parity ${report.file}`];
  for (const { backend, ...summary } of report.backends) {
    lines.push(`  ${backend}: ${summary.ok ? 'all within tolerance' : 'out of tolerance'}`, ...summaryLines(summary));
  }
  return lines.join('\n');
}

async function runOn(backend: string, file: ParityFile, keras: Uint8Array, kerasPath: string): Promise<BackendReport> {
  const model = await loadKeras(keras).catch((cause: unknown) => {
    throw new ParityFileError(`'${kerasPath}': ${(cause as Error).message}`, { cause });
  });
  const checks = runParity(model, file);
  model.dispose();
  return { backend, ...summarise(checks) };
}

async function read(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new ParityFileError(`cannot read '${path}'. The .keras file must lie beside the .json file.`, { cause });
  });
}
