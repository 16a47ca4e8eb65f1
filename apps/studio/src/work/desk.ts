import type { HlsPlan } from '@sp/hls';
import type { ModelState } from '@sp/layers';
import { decode, type FixedGraph, interpret } from '@sp/quant';
import {
  type DataFile,
  type Dataset,
  type GraphAgreement,
  graphAgreement,
  pixelsPerImage,
  type ReducedExample,
  reducedExamples,
  suggestReduction,
} from '@sp/train';
import type { ThemeName } from '@sp/viz';
import type * as tf from '@tensorflow/tfjs';
import type { DataChoice } from '../project/data-choice.ts';
import type { FirmwareSettings } from '../project/firmware-settings.ts';
import type { NetworkSpec } from '../project/network.ts';
import type { Run } from '../project/run.ts';
import { type DataSummary, dataSummary, imagesOfClass, type PartName } from './data-summary.ts';
import { type Draft, draft } from './draft.ts';
import { type Drawn, drawn, type FigureRequest } from './figures.ts';
import { firmwareFiles, graphFiles, graphOf, type PlannedFirmware, plannedFirmware } from './firmware.ts';
import { type Findings, findings, outputsOf } from './look.ts';
import { modelFiles } from './model-files.ts';
import { htmlReport } from './report.ts';
import { keepData, kept } from './storage.ts';
import { type StudyData, studyData } from './study-data.ts';
import { trainedModel } from './train-run.ts';
import { zipped } from './zip.ts';

/** What is on the desk: images, and the trained network that is looked at. */
let data: StudyData | null = null;
let looked: Looked | null = null;

interface Looked {
  readonly run: Run;
  readonly model: tf.LayersModel;
  readonly graph: FixedGraph;
  readonly found: Findings;
  plan: HlsPlan | null;
  planned: PlannedFirmware | null;
  agreement: GraphAgreement | null;
}

/** What the page learns of a network that is looked at. */
export interface Look extends Pick<Findings, 'accuracy' | 'wrong' | 'weightBits' | 'ebops' | 'n' | 'threshold'> {
  readonly testLabels: readonly number[];
}

/** A file to download. */
export interface Download {
  readonly name: string;
  readonly type: string;
  readonly content: Uint8Array;
}

/** Loads images, keeps them for the project, and sums them up. */
export async function load(given: {
  readonly project: string;
  readonly choice: DataChoice;
  readonly files: readonly DataFile[];
}): Promise<DataSummary> {
  const loaded = await studyData(given.choice, given.files);
  await keepData(given.project, loaded);
  putData(loaded);
  return dataSummary(loaded);
}

/** The images that were kept for a project; null: there are none. */
export async function reload({ project }: { readonly project: string }): Promise<DataSummary | null> {
  const found = await kept<StudyData>('data', project);
  if (found === undefined) return null;
  putData(found);
  return dataSummary(found);
}

function putData(loaded: StudyData): void {
  data = loaded;
  looked?.model.dispose();
  looked = null;
}

/** Some images of a part, reduced, and how many there are in all. */
export function images(given: {
  readonly part: PartName;
  readonly label: number | null;
  readonly from: number;
  readonly count: number;
  readonly n: number;
  readonly threshold: number;
}): { readonly total: number; readonly images: readonly ReducedExample[] } {
  const part = partOf(given.part);
  const all = imagesOfClass(part, given.label);
  const indices = all.slice(given.from, given.from + given.count);
  const { n, threshold } = given;
  return { total: all.length, images: reducedExamples(part, { n, threshold, indices }) };
}

/** The named test images, reduced. */
export function testImages(given: {
  readonly indices: readonly number[];
  readonly n: number;
  readonly threshold: number;
}): readonly ReducedExample[] {
  const { indices, n, threshold } = given;
  return reducedExamples(here().test, { indices, n, threshold });
}

/** A budget and threshold that keep nearly all of the intensity. */
export function suggestion(): { readonly n: number; readonly threshold: number } | null {
  return suggestReduction(here().train, { keep: 0.98 }) ?? null;
}

/** What an untrained network costs. */
export function cost(given: { readonly network: NetworkSpec; readonly firmware: FirmwareSettings }): Draft {
  return draft(given.network, here(), given.firmware);
}

/** Draws a figure. */
export function figure(given: { readonly request: FigureRequest; readonly theme: ThemeName }): Promise<Drawn> {
  const sources = {
    data,
    found: looked?.found ?? null,
    graph: looked?.graph ?? null,
    outputs: (index: number) => outputsOf(atLook().model, here(), index),
  };
  return drawn(given.request, sources, given.theme);
}

/** Looks at the network that a run has trained. */
export async function look({ run }: { readonly run: Run }): Promise<Look> {
  const state = await kept<ModelState>('models', run.id);
  if (state === undefined || run.result === null) {
    throw new Error(
      `The network of ${run.name} is not kept in this browser any more. Train it again, or open the project's file.`,
    );
  }
  looked?.model.dispose();
  looked = null;
  const model = trainedModel(run.network, here(), run.training.seed, state);
  const found = findings(model, here(), run.result);
  looked = { run, model, graph: graphOf(model), found, plan: null, planned: null, agreement: null };
  const { accuracy, wrong, weightBits, ebops, n, threshold } = found;
  return { accuracy, wrong, weightBits, ebops, n, threshold, testLabels: [...here().test.labels] };
}

/** Compares model and interpreter on all test images; notes say how many are done. */
export function compareViews(_: null, note: (done: number) => void): GraphAgreement {
  const at = atLook();
  at.agreement = graphAgreement(at.model, at.graph, here().test, { onProgress: note });
  return at.agreement;
}

/** Plans the firmware of the network that is looked at. */
export function planFirmware({ firmware }: { readonly firmware: FirmwareSettings }): PlannedFirmware {
  const at = atLook();
  const { plan, ...planned } = plannedFirmware(at.graph, firmware);
  at.plan = plan;
  at.planned = planned;
  return planned;
}

/** Files to take away. */
export async function download({
  what,
  firmware,
}: {
  readonly what: 'firmware' | 'graph' | 'model' | 'report' | 'answers';
  readonly firmware: FirmwareSettings;
}): Promise<Download> {
  const at = atLook();
  const zip = 'application/zip';
  switch (what) {
    case 'firmware': {
      const { plan } = plannedFirmware(at.graph, firmware);
      return { name: 'firmware.zip', type: zip, content: zipped(firmwareFiles(at.graph, plan, here().test)) };
    }
    case 'graph':
      return { name: 'graph.zip', type: zip, content: zipped(graphFiles(at.graph)) };
    case 'model':
      return { name: 'model.zip', type: zip, content: zipped(await modelFiles(at.model)) };
    case 'report': {
      const planned = at.planned ?? planFirmware({ firmware });
      const page = await htmlReport({ ...at, planned, outputs: outputsOf(at.model, here(), 0), test: here().test });
      return { name: 'report.html', type: 'text/html', content: new TextEncoder().encode(page) };
    }
    case 'answers':
      return {
        name: 'answers.csv',
        type: 'text/csv',
        content: new TextEncoder().encode(answersCsv(at.graph, here().test)),
      };
    default:
      throw new Error(`unknown download ${JSON.stringify(what satisfies never)}`);
  }
}

/** One line per test image: its class, then the outputs of the fixed graph. */
function answersCsv(graph: FixedGraph, { images: pixels, labels, shape, classes }: Dataset): string {
  const [name] = graph.outputs;
  const node = graph.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`graph '${graph.name}' has no node '${name}'`);
  const lines = [['image', 'class', ...Array.from({ length: classes }, (_, c) => `output ${c}`)].join()];
  const size = pixelsPerImage(shape);
  for (let from = 0; from < labels.length; from += 100) {
    const to = Math.min(from + 100, labels.length);
    const { outputs } = interpret(graph, pixels.subarray(from * size, to * size));
    const values = decode(node, outputs[name]);
    for (let j = from; j < to; j++) {
      lines.push([j, labels[j], ...values.slice((j - from) * classes, (j - from + 1) * classes)].join());
    }
  }
  return `${lines.join('\n')}\n`;
}

function here(): StudyData {
  if (data === null) throw new Error('There are no images yet; choose some in the first step.');
  return data;
}

function partOf(name: PartName): Dataset {
  const part = here()[name];
  if (part === null) throw new Error('No images are kept for validation; give them a share.');
  return part;
}

function atLook(): Looked {
  if (looked === null) throw new Error('No trained network is looked at; choose a run first.');
  return looked;
}

export { forgetProject, openProjectFile, projectFile } from './project-file.ts';
