import { type Format, parseType, quantize } from '@sp/quant';
import { powerOfTwo } from '@sp/quant/internal';
import { BadFileError } from '../bad-file-error.ts';

/** A file of published networks with their images and predictions; what `trained_*.json` holds. */
export interface TrainedFile {
  readonly task: string;
  /** `[height, width, channels]` of the images. */
  readonly shape: readonly [number, number, number];
  readonly threshold: number;
  readonly layers: readonly TrainedLayer[];
  /** Per image its non-zero values as `[flat index, value]`. */
  readonly images: readonly (readonly (readonly [number, number])[])[];
  readonly networks: readonly TrainedNetwork[];
}

/** One entry of the architecture. Convolutions are followed by relu. */
export type TrainedLayer =
  | { readonly kind: 'conv'; readonly kernelSize: number; readonly filters: number }
  | { readonly kind: 'avg'; readonly poolSize: number }
  | { readonly kind: 'dense'; readonly units: number; readonly activation: DenseActivation };

/** Activations of dense layers. Softmax and sigmoid end the network. */
export type DenseActivation = 'relu' | 'softmax' | 'sigmoid' | 'linear';

/** One published network. */
export interface TrainedNetwork {
  readonly name: string;
  /** Pixel budget. */
  readonly n: number;
  /** Total bits of a weight. */
  readonly bits: number;
  readonly weightFormat: Format;
  readonly activationFormat: Format;
  /** Of the convolutions and dense layers in order. */
  readonly weights: readonly LayerWeights[];
  /** `[image][output]` of the float model. */
  readonly predictions: readonly (readonly number[])[];
}

/** Weights in the layout of our layers. */
export interface LayerWeights {
  /** `[kh, kw, in, filters]` or `[in, units]`, row-major. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array | null;
}

/**
 * Parses a file of published networks.
 *
 * @param path named in errors
 * @throws BadFileError naming the field, its value and what was expected.
 */
export function parseTrainedFile(text: string, path: string): TrainedFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new BadFileError(path, `is not JSON: ${(cause as Error).message}`, { cause });
  }
  const problem = new Problems(path);
  const file = problem.record(json, 'the file');
  const shape = (['height', 'width', 'channels'] as const).map((key) =>
    problem.whole(file[key], `'${key}'`, 1),
  ) as unknown as TrainedFile['shape'];
  const { threshold } = file;
  if (typeof threshold !== 'number' || !Number.isFinite(threshold) || threshold < 0) {
    problem.refuse(`'threshold'`, threshold, 'a number ≥ 0');
  }
  const layers = problem
    .list(file.architecture, `'architecture'`)
    .map((entry, index, { length }) => parseLayer(problem, entry, index, index === length - 1));
  refuseImpossible(problem, layers, shape);
  const size = shape.reduce((product, extent) => product * extent, 1);
  const images = problem.list(file.images, `'images'`).map((image, index) => parseImage(problem, image, index, size));
  const networks = Object.entries(problem.record(file.models, `'models'`)).map(([name, model]) =>
    parseNetwork(problem, name, model, layers, shape, images.length),
  );
  if (networks.length === 0) problem.refuse(`'models'`, file.models, 'at least one network');
  const task = typeof file.task === 'string' ? file.task : 'network';
  return { task, shape, threshold: threshold as number, layers, images, networks };
}

/** Shape of each layer's kernel, in order. */
export function kernelShapes(
  layers: readonly TrainedLayer[],
  [height, width, channels]: TrainedFile['shape'],
): readonly (readonly number[])[] {
  const shapes: number[][] = [];
  let [rows, columns, features] = [height, width, channels];
  let flat = 0;
  for (const layer of layers) {
    if (layer.kind === 'conv') {
      shapes.push([layer.kernelSize, layer.kernelSize, features, layer.filters]);
      features = layer.filters;
    } else if (layer.kind === 'avg') {
      [rows, columns] = [Math.floor(rows / layer.poolSize), Math.floor(columns / layer.poolSize)];
    } else {
      shapes.push([flat === 0 ? rows * columns * features : flat, layer.units]);
      flat = layer.units;
    }
  }
  return shapes;
}

function parseLayer(problem: Problems, entry: unknown, index: number, isLast: boolean): TrainedLayer {
  const where = `'architecture[${index}]'`;
  const [kind, first, second] = problem.list(entry, where);
  switch (kind) {
    case 'conv': {
      const kernelSize = problem.whole(first, `${where}, the kernel side`, 1);
      if (kernelSize % 2 === 0) problem.refuse(`${where}, the kernel side`, kernelSize, 'an odd number');
      return { kind, kernelSize, filters: problem.whole(second, `${where}, the filters`, 1) };
    }
    case 'avg':
      return { kind, poolSize: problem.whole(first, `${where}, the pool side`, 1) };
    case 'dense': {
      const allowed = isLast ? ['softmax', 'sigmoid', 'linear', 'relu'] : ['relu'];
      if (!allowed.includes(second as string)) problem.refuse(`${where}, the activation`, second, allowed.join(' or '));
      return {
        kind,
        units: problem.whole(first, `${where}, the units`, 1),
        activation: second as DenseActivation,
      };
    }
    default:
      return problem.refuse(where, entry, `["conv", k, filters], ["avg", p] or ["dense", units, activation]`);
  }
}

function refuseImpossible(problem: Problems, layers: readonly TrainedLayer[], shape: TrainedFile['shape']): void {
  const firstDense = layers.findIndex(({ kind }) => kind === 'dense');
  if (firstDense < 0 || layers.slice(firstDense).some(({ kind }) => kind !== 'dense')) {
    problem.refuse(
      `'architecture'`,
      layers.map(({ kind }) => kind),
      'convolutions and poolings first, then at least one dense layer',
    );
  }
  let side = Math.min(shape[0], shape[1]);
  for (const [index, layer] of layers.entries()) {
    if (layer.kind !== 'avg') continue;
    if (layer.poolSize > side) problem.refuse(`'architecture[${index}]'`, layer.poolSize, `a pool of side ≤ ${side}`);
    side = Math.floor(side / layer.poolSize);
  }
}

function parseImage(problem: Problems, image: unknown, index: number, size: number): TrainedFile['images'][number] {
  return problem.list(image, `'images[${index}]'`, 0).map((entry) => {
    const [position, value, ...rest] = Array.isArray(entry) ? (entry as unknown[]) : [];
    const isPosition = Number.isInteger(position) && (position as number) >= 0 && (position as number) < size;
    if (!isPosition || !Number.isFinite(value) || rest.length > 0) {
      problem.refuse(`'images[${index}]'`, entry, `[index from 0 to ${size - 1}, number]`);
    }
    return [position as number, value as number] as const;
  });
}

function parseNetwork(
  problem: Problems,
  name: string,
  value: unknown,
  layers: readonly TrainedLayer[],
  shape: TrainedFile['shape'],
  images: number,
): TrainedNetwork {
  const where = `'models.${name}`;
  const model = problem.record(value, `${where}'`);
  const types = problem.record(model.types, `${where}.types'`);
  const weightFormat = parseFormat(problem, types.w, `${where}.types.w'`);
  const activationFormat = parseFormat(problem, types.act, `${where}.types.act'`);
  const outputs = (layers.at(-1) as Extract<TrainedLayer, { kind: 'dense' }>).units;
  const predictions = problem.list(model.predictions, `${where}.predictions'`).map((row, image) => {
    // A single output may stand without its brackets.
    const numbers = problem.numbers(
      outputs === 1 && !Array.isArray(row) ? [row] : row,
      `${where}.predictions[${image}]'`,
    );
    if (numbers.length !== outputs) problem.refuse(`${where}.predictions[${image}]'`, row, `${outputs} numbers`);
    return numbers;
  });
  if (predictions.length !== images) {
    problem.refuse(`the length of ${where}.predictions'`, predictions.length, `${images}, one row per image`);
  }
  return {
    name,
    n: problem.whole(model.n, `${where}.n'`, 1),
    bits: weightFormat.k + weightFormat.i + weightFormat.f,
    weightFormat,
    activationFormat,
    weights: parseWeights(problem, model.weights, `${where}.weights`, kernelShapes(layers, shape), weightFormat),
    predictions,
  };
}

function parseFormat(problem: Problems, value: unknown, where: string): Format {
  if (typeof value !== 'string') return problem.refuse(where, value, "a type such as 'ap_fixed<8,1>'");
  let type: ReturnType<typeof parseType>;
  try {
    type = parseType(value);
  } catch (cause) {
    throw new BadFileError(problem.path, `${where}: ${(cause as Error).message}`, { cause });
  }
  return type.kind === 'fixed' ? type.format : problem.refuse(where, value, 'a definite type');
}

/** Keys are `w<number>` and `b<number>`; the numbers give the order. */
function parseWeights(
  problem: Problems,
  value: unknown,
  where: string,
  shapes: readonly (readonly number[])[],
  format: Format,
): readonly LayerWeights[] {
  const record = problem.record(value, `${where}'`);
  const unknown = Object.keys(record).find((key) => !/^[wb]\d+$/.test(key));
  if (unknown != null) problem.refuse(`a key of ${where}'`, unknown, "'w' or 'b' and a number");
  const numbers = Object.keys(record)
    .filter((key) => key.startsWith('w'))
    .map((key) => Number(key.slice(1)))
    .sort((a, b) => a - b);
  if (numbers.length !== shapes.length) {
    problem.refuse(`the number of kernels in ${where}'`, numbers.length, `${shapes.length}, as in 'architecture'`);
  }
  const strayBias = Object.keys(record).find((key) => key.startsWith('b') && !(`w${key.slice(1)}` in record));
  if (strayBias != null) problem.refuse(`${where}'`, strayBias, `a kernel 'w${strayBias.slice(1)}' beside it`);
  const read = (key: string, size: number): readonly number[] => {
    const list = problem.numbers(record[key], `${where}.${key}'`);
    if (list.length !== size) problem.refuse(`the length of ${where}.${key}'`, list.length, `${size}`);
    const off = list.findIndex((weight) => quantize(weight, format, 'RND_CONV', 'SAT') !== weight);
    if (off >= 0) {
      const step = powerOfTwo(-format.f);
      problem.refuse(`${where}.${key}[${off}]'`, list[off], `a value of its type (step ${step})`);
    }
    return list;
  };
  return numbers.map((number, index) => {
    const shape = shapes[index];
    const outputs = shape.at(-1) as number;
    const kernel = read(
      `w${number}`,
      shape.reduce((product, extent) => product * extent, 1),
    );
    return {
      kernel: shape.length === 4 ? channelsBeforeFilters(kernel, shape) : Float32Array.from(kernel),
      bias: `b${number}` in record ? Float32Array.from(read(`b${number}`, outputs)) : null,
    };
  });
}

/** `[kh, kw, filters, channels]`, as published, → `[kh, kw, channels, filters]`. */
function channelsBeforeFilters(kernel: readonly number[], shape: readonly number[]): Float32Array {
  const [height, width, channels, filters] = shape;
  const result = new Float32Array(kernel.length);
  for (let tap = 0; tap < height * width; tap++) {
    for (let filter = 0; filter < filters; filter++) {
      for (let channel = 0; channel < channels; channel++) {
        result[(tap * channels + channel) * filters + filter] = kernel[(tap * filters + filter) * channels + channel];
      }
    }
  }
  return result;
}

/** Reads JSON values; every refusal names file, field, value and what would be right. */
class Problems {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }

  refuse(field: string, value: unknown, expected: string): never {
    const shown = (JSON.stringify(value) ?? 'missing').slice(0, 60);
    throw new BadFileError(this.path, `${field} is ${shown}; expected ${expected}.`);
  }

  record(value: unknown, field: string): Readonly<Record<string, unknown>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.refuse(field, value, 'an object');
    return value as Readonly<Record<string, unknown>>;
  }

  list(value: unknown, field: string, least = 1): readonly unknown[] {
    if (!Array.isArray(value)) return this.refuse(field, value, 'a list');
    if (value.length < least) this.refuse(field, value, 'a list with entries');
    return value as readonly unknown[];
  }

  numbers(value: unknown, field: string): readonly number[] {
    const list = this.list(value, field);
    const wrong = list.findIndex((entry) => !Number.isFinite(entry));
    if (wrong >= 0) this.refuse(`${field}, entry ${wrong},`, list[wrong], 'a number');
    return list as readonly number[];
  }

  whole(value: unknown, field: string, least: number): number {
    if (!Number.isInteger(value) || (value as number) < least) this.refuse(field, value, `a whole number ≥ ${least}`);
    return value as number;
  }
}
