import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSealed, recoverFolder, replaceFolder, sealed, writeFileWhole } from '@sp/quant/files';

// What takes long to load is loaded where it is needed: a child that writes files starts in a moment.

/** Something that writes numbered states into a folder of its own. */
export interface Writer {
  /** Writes state `n`. */
  write(folder: string, n: number, note: (line: string) => void): Promise<void>;
  /** The state that is there; undefined: none. @throws when it is no whole one */
  read(folder: string, note: (line: string) => void): Promise<number | undefined>;
  /** Everything that may lie in the folder in state `n`, folders not listed. */
  files(folder: string, n: number): Promise<readonly string[]>;
  /** Kills out of 100: what starts fast gets more. */
  readonly share: number;
  /** Loads all it needs. */
  load(): Promise<unknown>;
  /** Whether the second of two processes is refused; otherwise the last one wins. */
  readonly exclusive: boolean;
  /** Whether two processes never write one target, each having its own. Default false. */
  readonly alone?: boolean;
}

/** About how many bytes a state has, for disks that are almost full. */
export const STATE_BYTES = 60_000;

const pad = (n: number, bytes: number): string => String(n % 10).repeat(bytes);

const file: Writer = {
  exclusive: false,
  share: 26,
  load: async () => {},
  write: (folder, n) => writeFileWhole(join(folder, 'state.json'), JSON.stringify(sealed({ n, pad: pad(n, 20_000) }))),
  async read(folder) {
    const text = await readFile(join(folder, 'state.json'), 'utf8').catch(absent);
    return text === undefined ? undefined : Number(parseSealed(text, 'state.json').n);
  },
  files: async () => ['state.json'],
};

const parts = ['a', 'b', 'c/d', 'c/e'];
const folders: Writer = {
  exclusive: true,
  share: 26,
  load: async () => {},
  write: (folder, n, note) =>
    replaceFolder(
      join(folder, 'state'),
      async (fresh) => {
        await mkdir(join(fresh, 'c'));
        for (const part of parts) await writeFile(join(fresh, part), `${n} ${pad(n, 4000)}`);
      },
      { note },
    ),
  async read(folder, note) {
    if (!(await recoverFolder(join(folder, 'state'), { note }))) return undefined;
    const texts = await Promise.all(parts.map((part) => readFile(join(folder, 'state', part), 'utf8')));
    return one(texts.map((text) => (text.length > 4000 ? Number.parseInt(text, 10) : Number.NaN)));
  },
  files: async () => parts.map((part) => `state/${part}`),
};

const made = new Map<number, Promise<ReadonlyMap<string, string>>>();

/** Firmware of a network whose name and weights tell its number. */
function firmware(n: number): Promise<ReadonlyMap<string, string>> {
  const known = made.get(n) ?? makeFirmware(n);
  if (made.size > 20) made.clear();
  made.set(n, known);
  return known;
}

async function makeFirmware(n: number): Promise<ReadonlyMap<string, string>> {
  const [{ emit, plan }, { graphBuilder }] = await Promise.all([import('@sp/hls'), import('@sp/quant')]);
  const g = graphBuilder(`net${n}`);
  const x = g.input('x', { shape: [6], format: { k: 0, i: 1, f: 7 } });
  const codes = Array.from({ length: 12 }, (_, j) => (n % 100) + j + 1);
  const graph = g.build([g.dense(n % 2 === 0 ? 'even' : 'odd', x, { kernel: { shape: [6, 2], codes, f: 3 } })]);
  // Most of the headers, which are the same in all states, are left out: less to wait for.
  return new Map([...emit(plan(graph))].filter(([path]) => !/\/sp\/(?!sp_dense)/.test(path)));
}

const project = (place: (folder: string) => string): Writer => ({
  exclusive: true,
  share: 19,
  load: () => firmware(0),
  async write(folder, n, note) {
    const { write } = await import('@sp/hls');
    await write(await firmware(n), place(folder), { note });
    await writeFile(join(place(folder), 'NOTES.md'), 'mine').catch(() => {});
  },
  async read(folder) {
    const dir = place(folder);
    const { readReports } = await import('@sp/hls');
    try {
      await readReports(dir);
    } catch (error) {
      if (
        (await readdir(dir).catch(() => [])).filter((name) => name !== 'NOTES.md' && !name.includes('.sp-stage'))
          .length === 0
      )
        return undefined;
      throw error;
    }
    const { name } = JSON.parse(await readFile(join(dir, 'project.json'), 'utf8')) as { name: string };
    const n = Number(name.slice(3));
    for (const [path, text] of await firmware(n)) {
      if ((await readFile(join(dir, path), 'utf8')) !== text) throw new Error(`${path} is not that of state ${n}`);
    }
    return n;
  },
  async files(folder, n) {
    const inside = place(folder).slice(folder.length + 1);
    return [...(await firmware(n)).keys(), '.sp-hls-files', 'NOTES.md'].map((path) =>
      inside === '' ? path : `${inside}/${path}`,
    );
  },
});

const model: Writer = {
  exclusive: true,
  share: 10,
  load: () => Promise.all([import('@tensorflow/tfjs'), import('@sp/layers')]),
  async write(folder, n) {
    const [tf, { saveModel }] = await Promise.all([import('@tensorflow/tfjs'), import('@sp/layers')]);
    const made = tf.sequential({ layers: [tf.layers.dense({ units: 20, inputShape: [50], name: 'd' })] });
    made.layers[0].setWeights([tf.fill([50, 20], n), tf.fill([20], n)]);
    await saveModel(made, join(folder, 'model'), { optimizer: tf.train.sgd(n + 1) });
    made.dispose();
  },
  async read(folder) {
    const names = await readdir(join(folder, 'model')).catch((): string[] => []);
    if (!names.includes('model.json')) return undefined;
    const { loadModel, loadOptimizer } = await import('@sp/layers');
    const loaded = await loadModel(join(folder, 'model'));
    const optimizer = await loadOptimizer(join(folder, 'model'));
    const values = loaded.getWeights().flatMap((tensor) => [...tensor.dataSync()]);
    loaded.dispose();
    return one([...values, Number(optimizer.getConfig().learningRate) - 1]);
  },
  async files(folder) {
    const names = (await readdir(join(folder, 'model'))).filter((name) => /^weights\.[0-9a-f]{16}\.bin$/.test(name));
    // Weights, and those of the optimizer; more are leftovers.
    return ['model.json', ...names.slice(0, 2)].map((name) => `model/${name}`);
  },
};

/** State `n` is the checkpoint after epoch `n` + 1; the newest two are kept. */
const checkpoints: Writer = {
  exclusive: true,
  alone: true,
  share: 10,
  load: () => Promise.all([import('@tensorflow/tfjs'), import('@sp/layers'), import('@sp/train')]),
  async write(folder, n) {
    const [tf, { adam, checkpoint }] = await Promise.all([import('@tensorflow/tfjs'), import('@sp/train')]);
    const made = tf.sequential({ layers: [tf.layers.dense({ units: 20, inputShape: [50], name: 'd' })] });
    made.layers[0].setWeights([tf.fill([50, 20], n), tf.fill([20], n)]);
    const { restore, onEpochEnd } = checkpoint({ directory: join(folder, 'checkpoints'), optimizer: adam() });
    restore?.(Array.from({ length: n }, () => ({ loss: 1 })));
    const context = { model: made, stepsPerEpoch: 1, batchSize: 1, stopped: undefined };
    await onEpochEnd?.(n, { loss: 1 }, context as unknown as Parameters<NonNullable<typeof onEpochEnd>>[2]);
    made.dispose();
  },
  async read(folder) {
    const [tf, { adam, restoreCheckpoint }] = await Promise.all([import('@tensorflow/tfjs'), import('@sp/train')]);
    const made = tf.sequential({ layers: [tf.layers.dense({ units: 20, inputShape: [50], name: 'd' })] });
    const found = await restoreCheckpoint(made, { directory: join(folder, 'checkpoints'), optimizer: adam() });
    const values = made.getWeights().flatMap((tensor) => [...tensor.dataSync()]);
    made.dispose();
    return found === undefined ? undefined : one([...values, found.epochs - 1, found.history.length - 1]);
  },
  async files(folder) {
    const names = (await readdir(join(folder, 'checkpoints'))).filter((name) => /^epoch-\d+$/.test(name));
    names.sort((a, b) => Number(a.slice(6)) - Number(b.slice(6)));
    const kept = await Promise.all(
      names.slice(-2).map(async (name) => {
        const files = await readdir(join(folder, 'checkpoints', name));
        const [weights = ''] = files.filter((file) => /^weights\.[0-9a-f]{16}\.bin$/.test(file));
        return ['model.json', 'training.bin', weights].map((file) => `checkpoints/${name}/${file}`);
      }),
    );
    return kept.flat();
  },
};

/** All writers by name. */
export const WRITERS: Readonly<Record<string, Writer>> = {
  'a file': file,
  'a folder': folders,
  'a firmware project': project((folder) => join(folder, 'firmware')),
  'the firmware project one is in': project((folder) => folder),
  'a model with its optimizer': model,
  checkpoints,
};

function one(numbers: readonly number[]): number {
  const [first] = numbers;
  if (!Number.isInteger(first) || numbers.some((number) => number !== first)) {
    throw new Error(`a mixture of states ${[...new Set(numbers)].join(', ')}`);
  }
  return first;
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
