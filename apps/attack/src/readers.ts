import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunRecord, readRecord, writeRecord } from '@sp/example/run-folder';
import { beginTraining, readTraining, type SavedTraining } from '@sp/example/training-folder';
import { emit, evaluatePublished, type HlsConfig, parseCsynth, parseVsynth, plan, readReports, write } from '@sp/hls';
import { loadModel, loadOptimizer, saveModel } from '@sp/layers';
import { type FixedGraph, graphBuilder, loadGraph, parseType, saveGraph } from '@sp/quant';
import { expressionFunction } from '@sp/quant/expression';
import { sealed } from '@sp/quant/files';
import {
  adam,
  checkpoint,
  parseCsv,
  parseIdx,
  parseNpy,
  parseNpz,
  restoreCheckpoint,
  type TimedWarning,
} from '@sp/train';
import { report } from '@sp/viz';
import * as tf from '@tensorflow/tfjs';
import type { Dice } from './dice.ts';
import { kerasReaders } from './keras-readers.ts';
import { deepJson, mutateBytes, mutateData, mutateText } from './mutate.ts';

/** Something that reads, with damaged things to read. */
export interface Reader {
  readonly name: string;
  /** How many of 100 tries. */
  readonly share: number;
  /**
   * Reads something damaged.
   *
   * @returns whether what came back is right: what was written, or anything where damage cannot be told from content
   */
  attempt(dice: Dice): Promise<boolean> | boolean;
}

const same = (a: unknown, b: unknown): boolean => deepJson(a) === deepJson(b);

function smallGraph(): FixedGraph {
  const g = graphBuilder('small');
  const x = g.input('x', { shape: [6, 6, 1], format: { k: 0, i: 1, f: 7 } });
  const list = g.reduce('list', x, { slots: 5, threshold: 51 });
  const kernel = { shape: [3, 3, 1, 2], codes: [1, 0, 2, 0, -3, 0, 4, 0, 5, 0, -6, 0, 7, 0, 8, 0, -9, 0], f: 3 };
  const conv = g.sparseConv2d('conv', list, { kernel, bias: { shape: [2], codes: [-5, 9], f: 4 } });
  const pool = g.sparsePool2d('pool', g.relu('relu', conv), { mode: 'avg', pool: [3, 3] });
  const cast = g.requantize('cast', pool, { to: { k: 0, i: 2, f: 4 }, round: 'RND' });
  const flat = g.sparseFlatten('flat', cast);
  return g.build([g.dense('fc', flat, { kernel: { shape: [8, 1], codes: [1, 1, 2, 3, 0, -4, 1, 1], f: 2 } })]);
}

/** JSON with another content and a checksum that fits: as a program writes it that does not know better. */
function resealed(text: string, dice: Dice): string {
  const { sha256: _, ...content } = JSON.parse(text) as Record<string, unknown>;
  const changed = mutateData(content, dice);
  try {
    return JSON.stringify(sealed(changed as object));
  } catch {
    return deepJson(changed);
  }
}

/** Nothing is damaged by chance alone: as they are, the texts of others can be read. */
function checkTexts(): void {
  parseCsynth(CSYNTH);
  parseVsynth(VSYNTH);
  for (const formula of FORMULAS) expressionFunction(formula);
  parseCsv(CSV, CSV_OPTIONS, 'a.csv');
  evaluatePublished(MODELS, SCALING);
}

/** All readers of files and texts. `folder` is empty. */
export async function readers(folder: string): Promise<readonly Reader[]> {
  checkTexts();
  return [
    ...graphReaders(),
    ...(await modelReaders(join(folder, 'model'))),
    ...(await projectReaders(join(folder, 'project'))),
    ...(await runReaders(join(folder, 'run'))),
    ...(await checkpointReaders(join(folder, 'checkpoints'))),
    ...(await kerasReaders(folder)),
    ...dataReaders(),
    ...textReaders(),
  ];
}

function graphReaders(): Reader[] {
  const saved = saveGraph(smallGraph());
  const graph = loadGraph(saved);
  return [
    {
      name: 'graph.json',
      share: 15,
      attempt: (dice) => same(loadGraph({ ...saved, json: mutateText(saved.json, dice) }), graph),
    },
    {
      name: 'graph.bin',
      share: 5,
      attempt: (dice) => same(loadGraph({ ...saved, weights: mutateBytes(saved.weights, dice) }), graph),
    },
    {
      name: 'graph.json, other content with a checksum',
      share: 8,
      attempt(dice) {
        loadGraph({ ...saved, json: resealed(saved.json, dice) });
        return true;
      },
    },
  ];
}

async function modelReaders(folder: string): Promise<Reader[]> {
  const input = tf.input({ shape: [3], name: 'input' });
  const a = tf.layers.dense({ units: 2, name: 'a' }).apply(input) as tf.SymbolicTensor;
  const b = tf.layers.dense({ units: 2, name: 'b' }).apply(input) as tf.SymbolicTensor;
  const made = tf.model({ inputs: input, outputs: tf.layers.add({ name: 'sum' }).apply([a, b]) as tf.SymbolicTensor });
  await saveModel(made, folder, { optimizer: tf.train.sgd(0.1) });
  const names = await readdir(folder);
  const json = await readFile(join(folder, 'model.json'), 'utf8');
  const { weightsManifest } = JSON.parse(json) as tf.io.ModelJSON;
  const weightsFile = join(folder, weightsManifest[0].paths[0]);
  const weights = new Uint8Array(await readFile(weightsFile));
  const contentOf = (model: tf.LayersModel) => [
    model.getConfig(),
    model.getWeights().map((tensor) => [tensor.shape, [...tensor.dataSync()]]),
  ];
  const wanted = contentOf(made);
  const load = async (): Promise<boolean> => {
    const model = await loadModel(folder);
    await loadOptimizer(folder);
    const fine = same(contentOf(model), wanted);
    model.dispose();
    return fine;
  };
  const withFile = async (file: string, content: string | Uint8Array, original: string | Uint8Array, read = load) => {
    await writeFile(file, content);
    try {
      return await read();
    } finally {
      await writeFile(file, original);
    }
  };
  const model = join(folder, 'model.json');
  // As tfjs itself writes it: without a checksum.
  const plain = json.replace(/weights\.[0-9a-f]{16}\.bin/g, 'weights.bin').replace(/"sha256":"\w+",/, '');
  await writeFile(join(folder, 'weights.bin'), weights);
  return [
    { name: 'model.json', share: 10, attempt: (dice) => withFile(model, mutateText(json, dice), json) },
    {
      name: 'weights of a model',
      share: 4,
      attempt: (dice) => withFile(weightsFile, mutateBytes(weights, dice), weights),
    },
    {
      name: 'model.json, other content with a checksum',
      share: 5,
      attempt: (dice) => withFile(model, resealed(json, dice), json, () => load().then(() => true)),
    },
    {
      name: 'model.json of others, without a checksum',
      share: 5,
      attempt: (dice) =>
        withFile(model, mutateText(plain, dice), json, () =>
          loadModel(folder).then((made) => made.dispose() !== undefined),
        ),
    },
    {
      name: 'a file that is missing',
      share: 1,
      async attempt(dice) {
        const file = join(folder, dice.pick(names));
        const content = await readFile(file);
        await rm(file);
        try {
          return await load();
        } finally {
          await writeFile(file, content);
        }
      },
    },
  ];
}

async function projectReaders(folder: string): Promise<Reader[]> {
  const planned = plan(smallGraph());
  await write(emit(planned), folder);
  const file = join(folder, 'project.json');
  const text = await readFile(file, 'utf8');
  const read = async (changed: string): Promise<boolean> => {
    await writeFile(file, changed);
    await readReports(folder);
    return same(JSON.parse(changed), JSON.parse(text));
  };
  const { sha256: _, ...first } = { ...(JSON.parse(text) as object), version: 1 } as Record<string, unknown>;
  return [
    { name: 'project.json', share: 6, attempt: (dice) => read(mutateText(text, dice)) },
    {
      name: 'project.json, other content with a checksum',
      share: 4,
      attempt: (dice) => read(resealed(text, dice)).then(() => true),
    },
    {
      name: 'project.json of version 1',
      share: 3,
      attempt: (dice) => read(deepJson(mutateData(first, dice))).then(() => true),
    },
  ];
}

async function runReaders(folder: string): Promise<Reader[]> {
  await mkdir(folder);
  const record: RunRecord = {
    version: 2,
    data: { kind: 'digits', description: 'digits' },
    seed: 1,
    epochs: 2,
    bestEpoch: 1,
    trainingSeconds: 1.5,
    engine: 'fused',
    warnings: [
      { kind: 'slow', layer: 'conv', share: 0.5, when: 'epoch 1', message: 'slow' } as unknown as TimedWarning,
    ],
    history: [{ loss: 1.25 }, { loss: 0.5, accuracy: 0.75 }],
  };
  const out = join(folder, 'out');
  await mkdir(out);
  await writeRecord(out, record);
  const file = join(out, 'run.json');
  const text = await readFile(file, 'utf8');
  const wanted = await readRecord(out);
  const options = {
    data: { kind: 'digits' },
    epochs: 2,
    seed: 1,
    n: 20,
    threshold: 0.1,
  } as unknown as SavedTraining['options'];
  const saved: SavedTraining = { version: 2, options, dataDigest: 'a1'.repeat(32) };
  await beginTraining(out, saved, () => {});
  const trainingFile = join(`${out}.training`, 'training.json');
  const training = await readFile(trainingFile, 'utf8');
  const readRun = async (changed: string): Promise<boolean> => {
    await writeFile(file, changed);
    return same(await readRecord(out), wanted);
  };
  const readSaved = async (changed: string): Promise<boolean> => {
    await writeFile(trainingFile, changed);
    return same(await readTraining(out), saved);
  };
  return [
    { name: 'run.json', share: 4, attempt: (dice) => readRun(mutateText(text, dice)) },
    {
      name: 'run.json, other content with a checksum',
      share: 3,
      attempt: (dice) => readRun(resealed(text, dice)).then(() => true),
    },
    { name: 'training.json', share: 3, attempt: (dice) => readSaved(mutateText(training, dice)) },
    {
      name: 'training.json, other content with a checksum',
      share: 2,
      attempt: (dice) => readSaved(resealed(training, dice)).then(() => true),
    },
  ];
}

async function checkpointReaders(directory: string): Promise<Reader[]> {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], name: 'd' })] });
  const optimizer = adam();
  const parts = { directory, optimizer };
  const begin = checkpoint(parts).onTrainBegin;
  await begin?.({ model, stepsPerEpoch: 1, batchSize: 1, stopped: undefined } as unknown as Parameters<
    NonNullable<typeof begin>
  >[0]);
  const file = join(directory, 'epoch-0000', 'training.bin');
  const bytes = new Uint8Array(await readFile(file));
  const weights = () => model.getWeights().map((tensor) => [...tensor.dataSync()]);
  const wanted = weights();
  return [
    {
      name: 'a checkpoint',
      share: 5,
      async attempt(dice) {
        await writeFile(file, mutateBytes(bytes, dice));
        await restoreCheckpoint(model, parts);
        return same(weights(), wanted);
      },
    },
  ];
}

const CSV = 'label,p0,p1\n0,0.5,1\n1,2,3e-2\n2,4,5\n';
const CSV_OPTIONS = { shape: [1, 2, 1], classes: 3, label: 'first', headerLines: 1 } as const;

/** Formats of others have no checksum of all: what is read may be another number, but never by an error of the language or for ever. */
function dataReaders(): Reader[] {
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117).concat('\n');
  const npy = Uint8Array.from([
    0x93,
    ...Buffer.from('NUMPY'),
    1,
    0,
    118,
    0,
    ...Buffer.from(header),
    ...new Uint8Array(24),
  ]);
  const idx = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8]);
  return [
    { name: 'an .npy array', share: 3, attempt: (dice) => parseNpy(mutateBytes(npy, dice), 'a.npy') !== undefined },
    {
      name: 'an .npz archive',
      share: 1,
      attempt: (dice) => parseNpz(mutateBytes(zipped(npy), dice), 'a.npz') !== undefined,
    },
    { name: 'an IDX file', share: 2, attempt: (dice) => parseIdx(mutateBytes(idx, dice), 'a.idx') !== undefined },
    {
      name: 'a .csv file',
      share: 2,
      attempt: (dice) => parseCsv(mutateText(CSV, dice), CSV_OPTIONS, 'a.csv') !== undefined,
    },
  ];
}

/** A zip archive of one stored file, its checksum not filled in: damage is for the reader of the directory. */
function zipped(content: Uint8Array): Uint8Array {
  const name = Buffer.from('x.npy');
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt32LE(content.length, 14);
  fields.writeUInt32LE(content.length, 18);
  fields.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, name, content]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, Buffer.alloc(14), name]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Uint8Array.from(Buffer.concat([local, central, Buffer.from('PK\x05\x06', 'latin1'), end]));
}

const CSYNTH = `<profile><UserAssignments><TargetClockPeriod>5.00</TargetClockPeriod></UserAssignments><PerformanceEstimates>
<SummaryOfTimingAnalysis><EstimatedClockPeriod>3.65</EstimatedClockPeriod></SummaryOfTimingAnalysis><SummaryOfOverallLatency>
<Best-caseLatency>10</Best-caseLatency><Worst-caseLatency>12</Worst-caseLatency><Interval-min>1</Interval-min>
<Interval-max>2</Interval-max></SummaryOfOverallLatency></PerformanceEstimates><AreaEstimates><Resources><BRAM_18K>1</BRAM_18K>
<DSP>2</DSP><FF>3</FF><LUT>4</LUT><URAM>0</URAM></Resources><AvailableResources><BRAM_18K>1</BRAM_18K><DSP>2</DSP><FF>3</FF>
<LUT>4</LUT><URAM>0</URAM></AvailableResources></AreaEstimates></profile>`;
const VSYNTH = `
| CLB LUTs*      | 1526 | 0 | 53200  | 2.87 |
| CLB Registers  | 1428 | 0 | 106400 | 1.34 |
| Block RAM Tile | 3.5  | 0 | 140    | 2.50 |
|   RAMB36/FIFO* | 2    | 0 | 140    | 1.43 |
|   RAMB18       | 3    | 0 | 280    | 1.07 |
| URAM           | 0    | 0 | 10     | 0.00 |
| DSPs           | 66   | 0 | 220    | 30.0 |
`;
const MODELS = `task,bits,n_sparse,input_t,lat_min,ii_min,vLUT,vDSP
${[10, 15, 20, 25, 30].map((n) => `mnist,8b,${n},t,${100 + 2 * n},${60 + n},${4000 * n},${20 * n}`).join('\n')}
mnist,8b,,t,4000,3900,80000,900
`;
const SCALING = `layer,bits,project,n_out,m_n_sparse,m_chan,m_filt,m_ker,m_h,m_w,lat_min,ii_min,vLUT,vDSP
${[5, 10, 15, 20, 25, 30].flatMap((n) => [1, 2, 3].map((c) => `conv,8b,c,,${n},${c},2,3,,,${2 + c},${2 + c},${n * n * (30 + 14 * c)},${n * c}`)).join('\n')}
${[5, 10, 15, 20, 25, 30].map((n) => `reduction,16b,r,,${n},1,,,10,${n},${10 * n},${10 * n},${480 * n},0`).join('\n')}
`;
const FORMULAS = [
  '1 / (1 + exp(-x))',
  'x < 0 ? 0 : max(x, 0.5) * 2',
  'round(x * 2.5, 1) - tanh(x) ^ 2',
  'atan2(x, 2) + log(x, 2) % 3',
];

function textReaders(): Reader[] {
  const graph = smallGraph();
  const config = {
    model: { ioType: 'io_parallel', clockPeriod: 5 },
    layerType: { dense: { reuseFactor: 1 } },
    layerName: { conv: { strategy: 'latency' } },
  };
  const run = {
    name: 'run',
    facts: [{ label: 'accuracy', value: '93 %', tone: 'good' as const }],
    verification: [{ name: 'fc', compared: 10, mismatches: { 'tfjs/interpreter': 0 } }],
    plan: { title: 'plan', columns: ['a', 'b'], rows: [['x', 1]] },
    files: [{ path: 'a b/c.txt', note: 'notes' }],
  };
  return [
    {
      name: 'an expression',
      share: 12,
      attempt(dice) {
        const formula = expressionFunction(mutateText(dice.pick(FORMULAS), dice));
        for (const x of [0, -1, 0.37, 1e6, -1e300]) if (typeof formula(x) !== 'number') return false;
        return true;
      },
    },
    {
      name: 'a type',
      share: 3,
      attempt: (dice) =>
        parseType(mutateText(dice.pick(['ap_fixed<8,3,RND,SAT>', 'fixed<4,2>', 'ufixed<6,0>']), dice)) !== undefined,
    },
    {
      name: 'a report of C synthesis',
      share: 4,
      attempt: (dice) => parseCsynth(mutateText(CSYNTH, dice)) !== undefined,
    },
    {
      name: 'a report of logic synthesis',
      share: 2,
      attempt: (dice) => parseVsynth(mutateText(VSYNTH, dice)) !== undefined,
    },
    {
      name: 'published reports (.csv)',
      share: 4,
      attempt(dice) {
        const [models, scaling] =
          dice.below(2) === 0 ? [mutateText(MODELS, dice), SCALING] : [MODELS, mutateText(SCALING, dice)];
        return evaluatePublished(models, scaling).rows.length >= 0;
      },
    },
    {
      name: 'a configuration',
      share: 4,
      attempt: (dice) => plan(graph, mutateData(config, dice) as HlsConfig) !== undefined,
    },
    {
      name: 'a run for the HTML report',
      share: 2,
      attempt: async (dice) => (await report(mutateRun(run, dice))).length > 0,
    },
  ];
}

/** Texts of any kind in a run; its structure is that of the types. */
function mutateRun<Run>(run: Run, dice: Dice): Run {
  const strange = () => dice.pick(['\ud800', '', '<script>', '\u0000', '../\udfff', '&amp;', 'x'.repeat(10_000)]);
  const visit = (value: unknown): unknown => {
    if (typeof value === 'string') return value === 'good' ? value : dice.below(3) === 0 ? strange() : value;
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, visit(entry)]));
  };
  return visit(run) as Run;
}
