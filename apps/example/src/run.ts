import { join, resolve } from 'node:path';
import { loadModel, registerLayers, saveModel, setBackend } from '@sp/layers';
import { FileError, writeFileWhole } from '@sp/quant/files';
import { CheckpointError } from '@sp/train';
import type * as tf from '@tensorflow/tfjs';
import { commandLine } from './command-line.ts';
import { type LoadedData, loadData } from './data.ts';
import { Interrupted, UsageError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import { exportFirmware } from './export.ts';
import { type Fact, factText } from './fact.ts';
import { findings } from './findings.ts';
import { exportHardware } from './hardware.ts';
import { htmlReport } from './html-report.ts';
import { markdownReport } from './markdown-report.ts';
import type { DataSource, Options } from './options.ts';
import { writePictures } from './pictures.ts';
import { preflight } from './preflight.ts';
import { textTable } from './print-table.ts';
import {
  checkReplaceable,
  checkTarget,
  holdRun,
  type RunRecord,
  readRecord,
  recoverRun,
  replaceFolder,
  writeRecord,
} from './run-folder.ts';
import { type FinishedRun, summarize } from './summary.ts';
import { type TrainOutput, trainNetwork } from './train.ts';
import {
  beginTraining,
  checkpointFolder,
  checkTrainingFolder,
  dataDigest,
  dropTraining,
  readTraining,
  type SavedTraining,
  trainingFolderName,
} from './training-folder.ts';
import { verify } from './verify.ts';

/** Where the program writes: results on `print`, progress on `progress`. */
export interface Output {
  readonly print: (text: string) => void;
  readonly progress: TrainOutput;
}

/**
 * Does what the options ask. Everything is checked before any work; the run folder appears when all is done.
 *
 * @returns the exit code.
 * @throws UsageError for options or data that cannot be used, Interrupted when `signal` asks to stop.
 */
export async function run(options: Options, output: Output, signal: AbortSignal): Promise<number> {
  await setBackend('auto');
  registerLayers();
  const { command } = options;
  const outcome =
    command === 'export' ? await exportRun(options, output, signal) : await trainRun(options, output, signal);
  output.print(`${outcome.tables.join('\n\n')}\n`);
  return outcome.code;
}

/** How a run has ended and what to tell of it. */
interface Outcome {
  readonly code: number;
  readonly tables: readonly string[];
}

async function exportRun(options: Options, output: Output, signal: AbortSignal): Promise<Outcome> {
  const { out } = options;
  const note = noteOn(output);
  await recoverRun(out, note);
  const record = await readRecord(out);
  await checkReplaceable(out);
  const data = await loadData(record.data);
  const model = await loadModel(join(out, 'model')).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    const again = commandLine(['train', '--out', out]);
    throw new UsageError(`--out ${out}: its model/ cannot be read (${why}); train again: ${again}`, { cause });
  });
  const again = (folder: string) => finish({ model, data, record, options, folder, output, signal });
  return holdRun(out, () => replaceFolder(out, again, note, out), note);
}

async function trainRun(given: Options, output: Output, signal: AbortSignal): Promise<Outcome> {
  const { out } = given;
  const note = noteOn(output);
  await recoverRun(out, note);
  await checkTarget(out);
  return holdRun(out, () => heldTrainRun(given, output, signal, note), note);
}

async function heldTrainRun(
  given: Options,
  output: Output,
  signal: AbortSignal,
  note: (line: string) => void,
): Promise<Outcome> {
  const { out } = given;
  const found = given.resume ? await readTraining(out) : undefined;
  const options: Options = { ...given, ...found?.options };
  const data = await loadData(options.data);
  for (const line of data.notes) output.progress.write(`${line}\n`);
  const saved: SavedTraining = found ?? { version: 2, options: settled(options), dataDigest: dataDigest(data.train) };
  if (found === undefined) {
    preflight(data.train, options);
    if (await checkTrainingFolder(out)) {
      output.progress.write(`starting anew: the interrupted training in ${trainingFolderName(out)} is replaced\n`);
    }
    await beginTraining(out, saved, note);
  } else if (found.dataDigest !== dataDigest(data.train)) {
    throw new UsageError(
      `--resume --out ${out}: the images of ${data.description} have changed since the training began; start anew without --resume`,
    );
  }
  const { epochs, seed } = options;
  const checkpoints = checkpointFolder(out, saved);
  const trained = await trainNetwork(data.train, options, checkpoints, output.progress, signal).catch(
    (cause: unknown) => {
      if (!(cause instanceof CheckpointError)) throw cause;
      throw new UsageError(`--resume --out ${out}: ${cause.message}`, { cause });
    },
  );
  const { model, history, bestEpoch, seconds } = trained;
  if (trained.aborted && history.length === 0) {
    await dropTraining(out);
    throw new Interrupted();
  }
  const source = { ...absolute(options.data), description: data.description };
  const record: RunRecord = {
    version: 2,
    data: source,
    seed,
    epochs,
    bestEpoch,
    trainingSeconds: seconds,
    engine: trained.engine,
    start: { n: options.n, threshold: options.threshold, engine: options.engine },
    warnings: trained.warnings,
    history,
  };
  try {
    if (trained.aborted) throw new Interrupted();
    const outcome = await replaceFolder(
      out,
      async (folder) => {
        await saveModel(model, join(folder, 'model'));
        await writeRecord(folder, record);
        return finish({ model, data, record, options, folder, output, signal });
      },
      note,
    );
    await dropTraining(out);
    return outcome;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    const command = commandLine([...(options.command === 'train' ? ['train'] : []), '--resume', '--out', out]);
    throw new Interrupted(
      `interrupted; ${history.length} of ${epochs} epochs are kept in ${trainingFolderName(out)}. Go on with: ${command}`,
    );
  }
}

/** Says something in a line of the progress. */
function noteOn({ progress }: Output): (line: string) => void {
  return (line) => progress.write(`${line}\n`);
}

/** The options that a training goes on with, wherever it is resumed. */
function settled({ command: _command, out: _out, resume: _resume, ...options }: Options): SavedTraining['options'] {
  return { ...options, data: absolute(options.data) };
}

/** A trained network on its way into a run folder. */
interface Unfinished {
  readonly model: tf.LayersModel;
  readonly data: LoadedData;
  readonly record: RunRecord;
  readonly options: Options;
  readonly folder: string;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** Everything after the training: firmware (unless only training is asked for), comparison, pictures, reports, closing table. */
async function finish({ model, data, record, options, folder, output, signal }: Unfinished): Promise<Outcome> {
  const begin = (task: string): void => {
    if (signal.aborted) throw new Interrupted();
    output.progress.write(`${task}\n`);
  };
  const found = findings(model, data);
  let firmware: FinishedRun['firmware'];
  if (options.command !== 'train') {
    begin('writing and compiling the firmware');
    const made = await exportFirmware(model, data.test, options, folder);
    const views = made.project === undefined ? 'model and interpreter' : 'model, interpreter and compiled C++';
    begin(`comparing ${views} on ${found.testImages} test images`);
    firmware = { made, asked: options, agreement: await verify(model, made.graph, made.project, data.test) };
    if (options.rtl !== undefined) {
      begin('writing and simulating the Verilog');
      firmware = { ...firmware, hardware: await exportHardware(made.graph, data.test, options.rtl, folder) };
    }
  }
  begin('drawing pictures');
  const pictures = await writePictures(record, found, firmware?.made.graph, join(folder, 'pictures'), (text) =>
    output.progress.write(`${text}\n`),
  );
  const finished: FinishedRun = { record, found, ...(firmware === undefined ? {} : { firmware }) };
  const summary = summarize(finished);
  await writeFileWhole(join(folder, 'report.md'), markdownReport(summary, record, pictures));
  try {
    await writeFileWhole(join(folder, 'report.html'), await htmlReport(summary, finished, data.test));
  } catch (error) {
    if (error instanceof FileError) throw error;
    // As of the pictures: what was trained is worth more.
    output.progress.write(`report.html cannot be drawn: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  if (signal.aborted) throw new Interrupted();
  const parts = [
    ...['report.html', 'report.md', 'pictures/', 'model/'],
    ...(firmware === undefined ? [] : ['firmware/', 'graph.json']),
    ...(firmware?.hardware === undefined ? [] : ['rtl/']),
  ];
  const files: Fact = { id: 'files', label: 'files', value: `${options.out}/ (${parts.join(', ')})` };
  const { bits, agreement, facts } = summary;
  const compilerMessage = firmware?.made.compilerMessage;
  const tables = [
    '',
    textTable(bits),
    ...(agreement === undefined ? [] : [textTable(agreement)]),
    factText([...facts, files]),
    ...(compilerMessage === undefined ? [] : [compilerMessage]),
  ];
  const wrong = facts.some(({ tone }) => tone === 'bad');
  const { mismatch, done, noCompiler } = exitCodes;
  return { code: wrong ? mismatch : compilerMessage === undefined ? done : noCompiler, tables };
}

/** A run folder may be exported from elsewhere. */
function absolute(source: DataSource): DataSource {
  return !('path' in source) ? source : { ...source, path: resolve(source.path) };
}
