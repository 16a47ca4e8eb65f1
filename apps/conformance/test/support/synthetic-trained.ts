import { seededRandom } from '@sp/quant/numeric';
import { denseReference, type ReferenceNetwork } from './dense-reference.ts';

/** What to make a file of published networks of. */
export interface SyntheticOptions {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly threshold: number;
  readonly architecture: ReferenceNetwork['architecture'];
  readonly images: number;
  readonly seed: number;
  /** Convolutions and dense layers without a bias, by position among them. */
  readonly withoutBias?: readonly number[];
}

/** The JSON of a file, still open for changes. */
export interface SyntheticFile {
  height: number;
  width: number;
  channels: number;
  threshold: number;
  architecture: (readonly (string | number)[])[];
  images: [number, number][][];
  models: Record<
    string,
    {
      n: number;
      types: { w: string; act: string };
      weights: Record<string, number[]>;
      predictions: number[][];
    }
  >;
}

/** The two published precisions: names, types, and the bits they mean. */
const precisions = [
  { name: '8b-a', n: 6, w: 'ap_fixed<8,1>', act: 'ap_ufixed<8,2>', weight: { i: 0, f: 7 }, activation: { i: 2, f: 6 } },
  {
    name: '16b-b',
    n: 9,
    w: 'ap_fixed<16,7>',
    act: 'ap_ufixed<16,6>',
    weight: { i: 1, f: 9 },
    activation: { i: 6, f: 10 },
  },
];

/** A file of two networks with random weights and images; predictions by the dense float64 reference. */
export function syntheticTrained(options: SyntheticOptions): SyntheticFile {
  const random = seededRandom(options.seed);
  const { height, width, channels, threshold, architecture, withoutBias = [] } = options;
  const images = Array.from({ length: options.images }, (_, image) => randomImage(random, options, image));
  const models: SyntheticFile['models'] = {};
  for (const { name, n, w, act, weight, activation } of precisions) {
    const weights: Record<string, number[]> = {};
    const draw = (count: number, scale: number): number[] =>
      Array.from({ length: count }, () => {
        const limit = 2 ** (weight.i + weight.f);
        const code = Math.round((random() - 0.5) * 2 * scale * 2 ** weight.f);
        return Math.min(Math.max(code, -limit), limit - 1) / 2 ** weight.f;
      });
    for (const [index, [size, outputs]] of sizes(options).entries()) {
      weights[`w${3 * index + 2}`] = draw(size, Math.sqrt(12 / (size / outputs)));
      if (!withoutBias.includes(index)) weights[`b${3 * index + 2}`] = draw(outputs, 0.5);
    }
    models[name] = { n, types: { w, act }, weights, predictions: [] };
    const net = { height, width, channels, threshold, architecture, n, act: activation, weights };
    models[name].predictions = images.map((pixels) => [...denseReference(net, dense(options, pixels))]);
  }
  return { height, width, channels, threshold, architecture: [...architecture], images, models };
}

/** Pixels scattered on the whole image. */
export function dense(
  { height, width, channels }: Pick<SyntheticOptions, 'height' | 'width' | 'channels'>,
  pixels: readonly (readonly [number, number])[],
): number[] {
  const image = new Array<number>(height * width * channels).fill(0);
  for (const [at, value] of pixels) image[at] = value;
  return image;
}

/** Kernel size and outputs of every layer with weights. */
function sizes({ height, width, channels, architecture }: SyntheticOptions): [number, number][] {
  let [rows, columns, features] = [height, width, channels];
  const result: [number, number][] = [];
  for (const [kind, first, second] of architecture as [string, number, number][]) {
    if (kind === 'avg') [rows, columns] = [Math.floor(rows / first), Math.floor(columns / first)];
    else {
      const outputs = kind === 'conv' ? second : first;
      const inputs = kind === 'conv' ? first * first * features : rows * columns * features;
      result.push([inputs * outputs, outputs]);
      features = outputs;
      if (kind === 'dense') [rows, columns] = [1, 1];
    }
  }
  return result;
}

/** The first image is empty, the second has more active pixels than any `n`. Further channels may be negative. */
function randomImage(random: () => number, options: SyntheticOptions, image: number): [number, number][] {
  const pixels: [number, number][] = [];
  const density = image === 0 ? 0 : image === 1 ? 0.5 : 0.12;
  for (let pixel = 0; pixel < options.height * options.width; pixel++) {
    if (random() >= density) continue;
    for (let c = 0; c < options.channels; c++) {
      pixels.push([pixel * options.channels + c, Math.fround(c === 0 ? random() : 2 * random() - 1)]);
    }
  }
  return pixels;
}
