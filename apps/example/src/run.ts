import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadModel, registerLayers, saveModel, setBackend } from '@sp/layers';
import type * as tf from '@tensorflow/tfjs';
import { type LoadedData, loadData } from './data.ts';
import { exportFirmware, type Firmware } from './export.ts';
import { findings } from './findings.ts';
import { htmlReport } from './html-report.ts';
import type { Options } from './options.ts';
import { writePictures } from './pictures.ts';
import { hlsConfig, preflight } from './preflight.ts';
import { agreementTable, type Fact, factTable, firmwareRows, networkRows, reportMarkdown } from './report.ts';
import { checkTarget, type RunRecord, readRecord, replaceFolder, writeRecord } from './run-folder.ts';
import { type TrainOutput, trainNetwork } from './train.ts';
import { type Agreement, verify } from './verify.ts';

/** Where the program writes: results on `print`, progress on `progress`. */
export interface Output {
  readonly print: (text: string) => void;
  readonly progress: TrainOutput;
}

/** Exit codes of the program; see `--help`. */
export const exitCodes = { done: 0, mismatch: 1, badInput: 2, noCompiler: 3 } as const;

/**
 * Does what the options ask. Everything is checked before any work; the run folder appears when all is done.
 *
 * @returns the exit code.
 * @throws UsageError for options or data that cannot be used.
 */
export async function run(options: Options, output: Output, signal: AbortSignal): Promise<number> {
  await setBackend('auto');
  registerLayers();
  const { out, command } = options;
  if (command === 'export') {
    const record = await readRecord(out);
    const data = await loadData(record.data);
    const model = await loadModel(join(out, 'model'));
    return replaceFolder(out, (folder) => finish(model, data, record, options, folder, output, true), out);
  }
  await checkTarget(out);
  const data = await loadData(options.data);
  preflight(data.train, options);
  const { model, history, bestEpoch, seconds } = await trainNetwork(data.train, options, output.progress, signal);
  const record: RunRecord = {
    version: 1,
    data: { ...options.data, description: data.description },
    seed: options.seed,
    epochs: options.epochs,
    bestEpoch,
    trainingSeconds: seconds,
    history,
  };
  return replaceFolder(out, async (folder) => {
    await saveModel(model, join(folder, 'model'));
    await writeRecord(folder, record);
    return finish(model, data, record, options, folder, output, command === 'all');
  });
}

/** Everything after the training: firmware, comparison, pictures, reports, closing table. */
async function finish(
  model: tf.LayersModel,
  data: LoadedData,
  record: RunRecord,
  options: Options,
  folder: string,
  output: Output,
  withFirmware: boolean,
): Promise<number> {
  const say = (text: string): void => output.progress.write(`${text}\n`);
  const found = findings(model, data);
  let firmware: { readonly made: Firmware; readonly agreement: Agreement } | undefined;
  if (withFirmware) {
    say('writing and compiling the firmware');
    const made = await exportFirmware(model, data.test, hlsConfig(options), folder);
    const views = made.project === undefined ? 'model and interpreter' : 'model, interpreter and compiled C++';
    say(`comparing ${views} on ${found.testImages} test images`);
    firmware = { made, agreement: await verify(model, made.graph, made.project, data.test) };
  }
  say('drawing pictures');
  const pictures = await writePictures(record, found, firmware?.made.graph, join(folder, 'pictures'));
  const markdown = reportMarkdown({ record, found, pictures, ...(firmware === undefined ? {} : { firmware }) });
  await writeFile(join(folder, 'report.md'), markdown);
  await writeFile(join(folder, 'report.html'), await htmlReport(record, found, firmware));
  if (firmware === undefined) {
    closing(output, networkRows(found), options.out);
    return exitCodes.done;
  }
  const { made, agreement } = firmware;
  output.print(`\n${agreementTable(agreement)}\n\n`);
  closing(output, [...networkRows(found), ...firmwareRows(made, agreement)], options.out);
  if (made.compilerMessage !== undefined) say(made.compilerMessage);
  if (agreement.mismatches > 0) return exitCodes.mismatch;
  return made.project === undefined ? exitCodes.noCompiler : exitCodes.done;
}

function closing(output: Output, rows: readonly Fact[], out: string): void {
  output.print(
    `${factTable([...rows, ['files', `${out}/ (report.html, report.md, pictures/, model/, firmware/, graph.json)`]])}\n`,
  );
}
