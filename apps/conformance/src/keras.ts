import { readFile } from 'node:fs/promises';
import { setBackend } from '@sp/layers';
import { loadKeras } from '@sp/layers/keras';
import { runKeras } from './keras/run-keras.ts';
import { type CheckSummary, summarise, summaryLines } from './parity/check-summary.ts';
import { type ParityFile, ParityFileError, parseParityFile } from './parity/parity-file.ts';

/** Outcome of the `keras` command: one entry per backend. */
export interface KerasReport {
  readonly command: 'keras';
  readonly file: string;
  readonly parity: string;
  readonly ok: boolean;
  readonly backends: readonly (CheckSummary & { readonly backend: string })[];
}

/**
 * Imports a `.keras` file and compares it with the record of the same model in a parity file: variables, EBOPs,
 * predictions and activations after tracing; and with its own lowered graph, bit for bit, on all images of the record.
 * Runs on the cpu and on the wasm backend.
 *
 * @throws ParityFileError when a file is missing or is not what it should be.
 */
export async function keras(path: string, parityPath: string): Promise<KerasReport> {
  const bytes = new Uint8Array(await read(path));
  const file = parseParityFile((await read(parityPath)).toString('utf8'), `'${parityPath}'`);
  const backends: (CheckSummary & { readonly backend: string })[] = [];
  for (const backend of ['cpu', 'wasm'] as const) {
    await setBackend(backend);
    backends.push({ backend, ...(await runOn(bytes, path, file)) });
  }
  return { command: 'keras', file: path, parity: parityPath, ok: backends.every(({ ok }) => ok), backends };
}

/** The report as a short table for a terminal. */
export function kerasTable(report: KerasReport): string {
  const lines = [`keras ${report.file} against ${report.parity}`];
  for (const { backend, ...summary } of report.backends) {
    lines.push(`  ${backend}: ${summary.ok ? 'all within tolerance' : 'out of tolerance'}`, ...summaryLines(summary));
  }
  return lines.join('\n');
}

async function runOn(bytes: Uint8Array, path: string, file: ParityFile): Promise<CheckSummary> {
  const model = await loadKeras(bytes).catch((cause: unknown) => {
    throw new ParityFileError(`'${path}': ${(cause as Error).message}`, { cause });
  });
  const checks = runKeras(model, file);
  model.dispose();
  return summarise(checks);
}

async function read(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new ParityFileError(`cannot read '${path}'.`, { cause });
  });
}
