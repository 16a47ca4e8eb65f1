import { readFile } from 'node:fs/promises';
import { setBackend } from '@sp/layers';
import { loadKeras } from '@sp/layers/keras';
import { wasmBackend } from '@sp/train';
import { type CheckSummary, summarise, summaryLines } from './parity/check-summary.ts';
import { type ParityFile, ParityFileError, parseParityFile } from './parity/parity-file.ts';
import { type ParityEngine, runParity } from './parity/run-parity.ts';

/** Outcome of the `parity` command: one entry per way to compute. */
export interface ParityReport {
  readonly command: 'parity';
  readonly file: string;
  readonly ok: boolean;
  /** On tensors: `cpu`, `wasm`; on lists: `fused, JavaScript` and `fused, WebAssembly`, where the engine knows the model. */
  readonly backends: readonly BackendReport[];
  /** Why the fused engine does not know the model, if it does not. */
  readonly notFused: string | undefined;
}

/** All comparisons on one backend. */
export interface BackendReport extends CheckSummary {
  readonly backend: string;
}

/**
 * Repeats the training run recorded in a parity file, with the architecture of the `.keras` file beside it, and compares
 * every recorded number. Runs on the cpu and on the wasm backend, and on the fused engine where it knows the model.
 *
 * @param path the `.json` file
 * @throws ParityFileError when a file is missing or is not what it should be.
 */
export async function parity(path: string): Promise<ParityReport> {
  const file = parseParityFile((await read(path)).toString('utf8'), `'${path}'`);
  const kerasPath = path.replace(/\.json$/, '.keras');
  const keras = new Uint8Array(await read(kerasPath));
  const backends: BackendReport[] = [];
  let notFused: string | undefined;
  const run = async (backend: string, engine: ParityEngine): Promise<void> => {
    const report = await runOn(backend, file, keras, kerasPath, engine);
    if (typeof report === 'string') notFused = report;
    else backends.push(report);
  };
  for (const backend of ['cpu', 'wasm'] as const) {
    await setBackend(backend);
    await run(backend, 'tfjs');
  }
  await run('fused, JavaScript', { backend: undefined });
  const backend = await wasmBackend();
  if (backend !== null) await run('fused, WebAssembly', { backend });
  return { command: 'parity', file: path, ok: backends.every(({ ok }) => ok), backends, notFused };
}

/** The report as a short table for a terminal. */
export function parityTable(report: ParityReport): string {
  const lines = [`parity ${report.file}`];
  for (const { backend, ...summary } of report.backends) {
    lines.push(`  ${backend}: ${summary.ok ? 'all within tolerance' : 'out of tolerance'}`, ...summaryLines(summary));
  }
  if (report.notFused !== undefined) lines.push(`  fused: does not know this model: ${report.notFused}`);
  return lines.join('\n');
}

async function runOn(
  backend: string,
  file: ParityFile,
  keras: Uint8Array,
  kerasPath: string,
  engine: ParityEngine,
): Promise<BackendReport | string> {
  const model = await loadKeras(keras).catch((cause: unknown) => {
    throw new ParityFileError(`'${kerasPath}': ${(cause as Error).message}`, { cause });
  });
  const checks = runParity(model, file, engine);
  model.dispose();
  return typeof checks === 'string' ? checks : { backend, ...summarise(checks) };
}

async function read(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new ParityFileError(`cannot read '${path}'. The .keras file must lie beside the .json file.`, { cause });
  });
}
