import { OptionError } from '../option-error.ts';

/**
 * Weight per class: an array, or an object by class index that may leave out classes of weight 1.
 */
export type ClassWeight = readonly number[] | Readonly<Record<number, number>>;

/** How much images count in the task loss. */
export interface WeightOptions {
  /** Weight of every class, e.g. `{ 1: 5 }`; classes that are left out have 1. Default all 1. */
  readonly classWeight?: ClassWeight;
  /** Weight of every image, in the order of the data. Default all 1. Multiplies that of its class. */
  readonly sampleWeight?: ArrayLike<number>;
}

/** Weights of a data set's images. */
export interface ImageWeights {
  /** Weight of image `index`, of class `label`. */
  of(index: number, label: number): number;
  /** Whether they depend on the image, not on its class only. */
  readonly bySample: boolean;
}

/**
 * The weights that the options say; undefined: all 1.
 *
 * The task loss becomes `Σ weight·loss / images`, as that of Keras 3 (reduction 'sum_over_batch_size', `keras/src/losses/loss.py`): not divided by
 * the sum of weights. Accuracy does not know weights, as `metrics` there. Keras 3 refuses class weights together with sample weights; here, as in
 * Keras 2, they are multiplied.
 *
 * @param data number of images and classes
 * @param where function named in errors
 * @param options `sampleWeight` is called `sampleName` in errors
 * @throws OptionError for weights that are no numbers ≥ 0 or all 0, for as many as there are no images, and for classes that do not exist.
 */
export function imageWeights(
  { classWeight, sampleWeight }: WeightOptions,
  data: { readonly images: number; readonly classes: number },
  where: string,
  sampleName = 'sampleWeight',
): ImageWeights | undefined {
  if (classWeight === undefined && sampleWeight === undefined) return undefined;
  const byClass = classWeight === undefined ? undefined : classWeights(classWeight, data.classes, where);
  if (sampleWeight !== undefined) checkSamples(sampleWeight, data.images, `${where}: ${sampleName}`);
  return {
    bySample: sampleWeight !== undefined,
    of: (index, label) => Math.fround((sampleWeight?.[index] ?? 1) * (byClass?.[label] ?? 1)),
  };
}

/**
 * Refuses weights with which nothing would be learned: 0 for all images in memory.
 *
 * @throws OptionError
 */
export function checkSomeWeight(weights: ImageWeights | undefined, labels: Int32Array, where: string): void {
  if (weights === undefined || labels.some((label, index) => weights.of(index, label) > 0)) return;
  throw noWeight(new Set(labels), where);
}

/** All images have weight 0. */
export function noWeight(classes: ReadonlySet<number>, where: string): OptionError {
  const some = [...classes].sort((a, b) => a - b);
  const shown = `${some.slice(0, 8).join(', ')}${some.length > 8 ? ', …' : ''}`;
  return new OptionError(
    `${where}: the weights of all images are 0: nothing would be learned; give a class that occurs (${shown}) a classWeight above 0, or its images a sampleWeight`,
  );
}

/** The weights of images in memory, one after the other. */
export function weightList(weights: ImageWeights | undefined, labels: Int32Array): Float32Array | undefined {
  if (weights === undefined) return undefined;
  return Float32Array.from(labels, (label, index) => weights.of(index, label));
}

function classWeights(given: ClassWeight, classes: number, where: string): readonly number[] {
  if (typeof given !== 'object' || given === null || given instanceof Map) {
    throw new OptionError(`${where}: classWeight is no array and no object; give e.g. { 0: 1, 1: 5 }`);
  }
  if (Array.isArray(given) && given.length !== classes) {
    throw new OptionError(`${where}: classWeight has ${given.length} weights for ${classes} classes`);
  }
  const weights = new Array<number>(classes).fill(1);
  for (const [name, weight] of Object.entries(given as Readonly<Record<string, unknown>>)) {
    const index = Number(name);
    if (!Number.isInteger(index) || index < 0 || index >= classes) {
      throw new OptionError(`${where}: classWeight of class '${name}': the classes are 0 … ${classes - 1}`);
    }
    checkWeight(weight, `${where}: classWeight of class ${index}`);
    weights[index] = weight;
  }
  if (weights.every((weight) => weight === 0)) throw new OptionError(`${where}: classWeight is 0 for all classes`);
  return weights;
}

function checkSamples(weights: ArrayLike<number>, images: number, what: string): void {
  if (typeof weights !== 'object' || typeof weights?.length !== 'number') {
    throw new OptionError(`${what} is no array; give one number per image, of a tensor await tensor.data()`);
  }
  if (weights.length !== images) throw new OptionError(`${what} has ${weights.length} numbers for ${images} images`);
  let sum = 0;
  for (let j = 0; j < weights.length; j++) {
    checkWeight(weights[j], `${what} of image ${j}`);
    sum += weights[j];
  }
  if (sum === 0) throw new OptionError(`${what} is 0 for all images: nothing would be learned`);
}

function checkWeight(weight: unknown, what: string): asserts weight is number {
  if (typeof weight === 'number' && weight >= 0 && Number.isFinite(weight)) return;
  throw new OptionError(`${what}: ${String(weight)} is not a finite number ≥ 0`);
}
