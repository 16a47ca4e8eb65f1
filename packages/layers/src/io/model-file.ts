import { FileError, parseJson, sealed, sealOf, sha256Hex } from '@sp/quant/files';
import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';

/** Weights and structure as tfjs lays them out, with a digest of the weights. */
interface PartFile {
  readonly modelTopology: object;
  readonly weightsManifest: tf.io.WeightsManifestConfig;
  /** SHA-256 of the weights, in hex; absent in files that others wrote. */
  readonly weightsSha256?: string;
}

/**
 * What `model.json` holds: tfjs' own layout, so that a web server can offer the folder to `tf.loadLayersModel`, with a checksum (`sha256`) of all
 * of it, and the optimizer that was saved with the model. Files of others, and of versions before 2, have neither.
 */
export interface ModelFile extends PartFile {
  readonly optimizer?: PartFile;
}

/** What of a file is meant: the model, or the optimizer saved with it. */
export type Part = 'model' | 'optimizer';

/** Something to write: the bytes and the name they have in the folder. */
export interface WeightsFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Names of weights files carry the begin of their digest: another content has another name. */
export const HASHED: RegExp = /weights\.[0-9a-f]{16}\.bin$/;

/**
 * The text of a model file and its weights.
 *
 * @param prefix in front of the names of weights files
 * @throws LayerError when the topology has a number that JSON cannot hold
 */
export function encodeModel(
  model: tf.io.ModelArtifacts,
  optimizer: tf.io.ModelArtifacts | undefined,
  prefix: string,
): { readonly json: string; readonly weights: readonly WeightsFile[] } {
  const weights: WeightsFile[] = [];
  const part = ({ weightData, weightSpecs = [], ...rest }: tf.io.ModelArtifacts): PartFile => {
    refuseNonFinite(rest.modelTopology, 'modelTopology');
    const bytes = joined(weightData);
    const digest = sha256Hex(bytes);
    const file = `${prefix}weights.${digest.slice(0, 16)}.bin`;
    weights.push({ file, bytes });
    const { modelTopology = {}, ...others } = rest;
    return {
      ...others,
      modelTopology,
      weightsManifest: [{ paths: [file], weights: weightSpecs }],
      weightsSha256: digest,
    };
  };
  const content = { ...part(model), ...(optimizer === undefined ? {} : { optimizer: part(optimizer) }) };
  return { json: JSON.stringify(sealed(content)), weights };
}

/**
 * A model file, checked as far as it can be without its weights.
 *
 * @throws FileError when it is damaged or no model
 */
export function parseModel(text: string, file: string): ModelFile {
  const content = parseJson(text, file) as Partial<ModelFile> | null;
  if (typeof content !== 'object' || content?.modelTopology == null || !isManifest(content.weightsManifest)) {
    throw new FileError(file, 'has no modelTopology or weightsManifest: it is no model', 'save the model again');
  }
  const { optimizer } = content;
  if (optimizer !== undefined && (optimizer?.modelTopology == null || !isManifest(optimizer.weightsManifest))) {
    throw new FileError(file, 'has an optimizer without topology or weights', 'save the model again');
  }
  const paths = content.weightsManifest.flatMap((group) => group.paths);
  const seal = sealOf(content);
  if (seal === 'broken' || (seal === 'none' && paths.some((path) => HASHED.test(path)))) {
    throw new FileError(file, 'is damaged: its checksum does not fit', 'save the model again');
  }
  return content as ModelFile;
}

/**
 * tfjs' artifacts from a part of a model file and the contents of its weights files, in order.
 *
 * @param names of the weights files, for errors
 * @throws FileError when the weights are not those of the file
 */
export async function decodePart(
  part: PartFile,
  shards: readonly Uint8Array[],
  names: string,
): Promise<tf.io.ModelArtifacts> {
  const { optimizer: _, ...content } = part as ModelFile & tf.io.ModelJSON;
  return tf.io.getModelArtifactsForJSON(content, async (manifest) => {
    const specs = manifest.flatMap((group) => group.weights);
    const weights = joined(shards.map((shard) => shard.slice().buffer));
    checkWeights(weights, specs, content.weightsSha256, names);
    return [specs, weights.buffer as ArrayBuffer];
  });
}

function isManifest(manifest: unknown): manifest is tf.io.WeightsManifestConfig {
  return (
    Array.isArray(manifest) &&
    manifest.every(
      (group: { paths?: unknown; weights?: unknown } | null) =>
        Array.isArray(group?.paths) &&
        group.paths.every((path: unknown) => typeof path === 'string') &&
        Array.isArray(group.weights) &&
        group.weights.every(isEntry),
    )
  );
}

function isEntry(entry: Partial<tf.io.WeightsManifestEntry> | null): boolean {
  return (
    typeof entry?.name === 'string' &&
    typeof entry.dtype === 'string' &&
    Array.isArray(entry.shape) &&
    entry.shape.every((size) => Number.isSafeInteger(size) && size >= 0)
  );
}

function checkWeights(
  weights: Uint8Array,
  specs: readonly tf.io.WeightsManifestEntry[],
  sha256: string | undefined,
  names: string,
): void {
  const expected = specs.map((spec) => byteLength(spec, names)).reduce((total, bytes) => total + bytes, 0);
  if (weights.length !== expected) {
    const kind = weights.length < expected ? 'truncated' : 'too long';
    throw new FileError(
      names,
      `is ${kind}: ${weights.length} bytes where the model needs ${expected}`,
      'save the model again',
    );
  }
  if (sha256 != null && sha256Hex(weights) !== sha256) {
    throw new FileError(
      names,
      'is damaged or belongs to another save than the model file beside it',
      'save the model again',
    );
  }
}

const bytesPerElement: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  complex64: 8,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

function byteLength({ name, shape, dtype, quantization }: tf.io.WeightsManifestEntry, names: string): number {
  const stored = quantization?.dtype ?? dtype;
  const bytes = Object.hasOwn(bytesPerElement, stored) ? bytesPerElement[stored] : undefined;
  if (bytes === undefined) {
    throw new FileError(names, `cannot be read: weight '${name}' has dtype '${stored}'`, 'save the model again');
  }
  return tf.util.sizeFromShape(shape) * bytes;
}

function joined(data: tf.io.WeightData | undefined): Uint8Array {
  const parts = (Array.isArray(data) ? data : data == null ? [] : [data]).map((part) => new Uint8Array(part));
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** JSON would turn these into null without a word, and the model would come back as another one. */
function refuseNonFinite(value: unknown, path: string): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new LayerError(
      `Cannot save the model: ${path} = ${value}, which JSON cannot hold. Its layer must store it as text.`,
    );
  }
  if (value === null || typeof value !== 'object') return;
  for (const [key, entry] of Object.entries(value)) refuseNonFinite(entry, `${path}.${key}`);
}
