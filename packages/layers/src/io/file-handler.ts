import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { nodeFiles, readWhole, writeWhole } from './node-files.ts';

/** What `model.json` holds: tfjs' own layout, so that a web server can offer the folder to `tf.loadLayersModel`. */
interface ModelFile extends tf.io.ModelJSON {
  /** SHA-256 of the weights, in hex; absent in files that others wrote. */
  readonly weightsSha256?: string;
}

/**
 * A tfjs IOHandler over a folder on disk: `<name>.json` and its weights (`weights.bin`, or `<name>.weights.bin` when
 * the name is not `model`). Node only.
 *
 * Both files are written whole under temporary names and then renamed. The JSON carries a checksum of the weights, so a
 * pair that does not belong together is noticed on loading.
 *
 * `load` throws when a file is missing, is no model, or when the weights are truncated or damaged; `save` throws when the
 * topology has a number that JSON cannot hold.
 *
 * @param directory created when absent
 * @param name default `'model'`
 * @example
 * await model.save(fileHandler('runs/7'));
 * const same = await tf.loadLayersModel(fileHandler('runs/7'));
 */
export function fileHandler(directory: string, name = 'model'): tf.io.IOHandler {
  const weightsName = name === 'model' ? 'weights.bin' : `${name}.weights.bin`;
  return {
    async save(artifacts) {
      const { fs, path, crypto } = nodeFiles();
      refuseNonFinite(artifacts.modelTopology, `${name}.json`);
      const weights = joined(artifacts.weightData);
      const { weightData: _, weightSpecs = [], ...rest } = artifacts;
      const content = {
        ...rest,
        weightsManifest: [{ paths: [weightsName], weights: weightSpecs }],
        weightsSha256: crypto.createHash('sha256').update(weights).digest('hex'),
      };
      await fs.mkdir(directory, { recursive: true });
      await writeWhole(path.join(directory, weightsName), weights);
      await writeWhole(path.join(directory, `${name}.json`), JSON.stringify(content));
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    },
    async load() {
      const { path } = nodeFiles();
      const file = path.join(directory, `${name}.json`);
      const content = parseModel(new TextDecoder().decode(await readWhole(file, 'Model file')), file);
      return tf.io.getModelArtifactsForJSON(content, async (manifest) => {
        const specs = manifest.flatMap((group) => group.weights);
        const parts = manifest.flatMap((group) => group.paths);
        const shards = await Promise.all(parts.map((part) => readWhole(path.join(directory, part), 'Weights file')));
        const weights = joined(shards.map((shard) => shard.slice().buffer as ArrayBuffer));
        checkWeights(weights, specs, content.weightsSha256, parts.map((part) => path.join(directory, part)).join(', '));
        return [specs, weights.buffer as ArrayBuffer];
      });
    },
  };
}

function parseModel(text: string, file: string): ModelFile {
  let content: ModelFile | null;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new LayerError(`Model file '${file}' is not valid JSON: it is truncated or no model. Save the model again.`, {
      cause,
    });
  }
  if (content?.modelTopology == null || !Array.isArray(content.weightsManifest)) {
    throw new LayerError(
      `Model file '${file}' has no modelTopology or weightsManifest: it is not a tfjs layers model.`,
    );
  }
  return content;
}

function checkWeights(
  weights: Uint8Array,
  specs: readonly tf.io.WeightsManifestEntry[],
  sha256: string | undefined,
  files: string,
): void {
  const expected = specs.map(byteLength).reduce((total, bytes) => total + bytes, 0);
  if (weights.length !== expected) {
    const kind = weights.length < expected ? 'truncated' : 'too long';
    throw new LayerError(
      `Weights '${files}' are ${kind}: ${weights.length} bytes where the model needs ${expected}. Save the model again.`,
    );
  }
  if (sha256 != null && nodeFiles().crypto.createHash('sha256').update(weights).digest('hex') !== sha256) {
    throw new LayerError(
      `Weights '${files}' are damaged or belong to another save than the model file beside them. Save the model again.`,
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

function byteLength({ name, shape, dtype, quantization }: tf.io.WeightsManifestEntry): number {
  const stored = quantization?.dtype ?? dtype;
  const bytes = bytesPerElement[stored];
  if (bytes == null)
    throw new LayerError(`Weight '${name}' has dtype '${stored}', which cannot be loaded from a file.`);
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
