import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { collectInputReduces, loadModel, registerLayers, saveModel, setBackend, totalEbops } from '@sp/layers';
import { evaluate, quantizationTable, setSparseEbopsFactor, totalWeightBits } from '@sp/train';
import type * as tf from '@tensorflow/tfjs';
import { type LoadedData, loadData } from './data.ts';
import { exportFirmware } from './export.ts';
import type { Options } from './options.ts';
import { networkPicture, type Picture, trainingPictures } from './pictures.ts';
import { hlsConfig, preflight } from './preflight.ts';
import {
  agreementTable,
  type Fact,
  factTable,
  firmwareRows,
  type NetworkFacts,
  networkRows,
  reportMarkdown,
} from './report.ts';
import { checkTarget, type RunRecord, readRecord, replaceFolder, writeRecord } from './run-folder.ts';
import { type TrainOutput, trainNetwork } from './train.ts';
import { verify } from './verify.ts';

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

/** Everything after the training: pictures, firmware, comparison, report, closing table. */
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
  setSparseEbopsFactor(model);
  const [{ nMaxPixels: n, threshold }] = collectInputReduces(model);
  const bits = quantizationTable(model);
  const facts: NetworkFacts = {
    n,
    threshold,
    ebops: totalEbops(model),
    weightBits: totalWeightBits(bits),
    accuracy: evaluate(model, data.test).accuracy,
    testImages: data.test.labels.length,
    bits,
  };
  say('drawing pictures');
  const { history, bestEpoch } = record;
  const folderOfPictures = join(folder, 'pictures');
  const pictures: Picture[] = [
    ...(await trainingPictures({ model, ...data, history, bestEpoch, n, threshold }, folderOfPictures)),
  ];
  if (!withFirmware) {
    await writeFile(join(folder, 'report.md'), reportMarkdown({ record, facts, pictures }));
    closing(output, networkRows(facts), options.out);
    return exitCodes.done;
  }
  say('writing and compiling the firmware');
  const made = await exportFirmware(model, data.test, hlsConfig(options), folder);
  pictures.push(await networkPicture(made.graph, folderOfPictures));
  say(
    `comparing model, interpreter${made.project === undefined ? '' : ' and compiled C++'} on ${data.test.labels.length} test images`,
  );
  const agreement = await verify(model, made.graph, made.project, data.test);
  await writeFile(
    join(folder, 'report.md'),
    reportMarkdown({ record, facts, pictures, firmware: { made, agreement } }),
  );
  output.print(`\n${agreementTable(agreement)}\n\n`);
  closing(output, [...networkRows(facts), ...firmwareRows(made, agreement)], options.out);
  if (made.compilerMessage !== undefined) say(made.compilerMessage);
  if (agreement.mismatches > 0) return exitCodes.mismatch;
  return made.project === undefined ? exitCodes.noCompiler : exitCodes.done;
}

function closing(output: Output, rows: readonly Fact[], out: string): void {
  output.print(`${factTable([...rows, ['files', `${out}/ (report.md, pictures/, model/, firmware/, graph.json)`]])}\n`);
}
