import { collectQLayers, LowerError, layerOutputs, lower } from '@sp/layers';
import { namedVariables } from '@sp/layers/internal';
import { fromKerasPaths } from '@sp/layers/keras';
import { decode, type FixedGraph, interpret, layerResults } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { batchOf } from '../parity/batch-of.ts';
import { absolute, type Check, missing } from '../parity/compare.ts';
import { ebopsByLayer } from '../parity/ebops-by-layer.ts';
import type { ParityFile, Variables } from '../parity/parity-file.ts';

/** Tolerance of issue C, point 2, for what the reference recorded. */
const limit = 1e-6;

/** Images interpreted at once. */
const chunk = 64;

/**
 * Compares a model imported from a `.keras` file with what the reference recorded of it after tracing — variables,
 * EBOPs, predictions, activations — and then, on all images and in every layer, with its own lowered graph, bit for bit.
 */
export function runKeras(model: tf.LayersModel, file: ParityFile): readonly Check[] {
  return [
    ...compareVariables(model, file.traced.vars),
    ...compareEbops(model, file.traced.vars),
    ...compareInference(model, file),
    ...compareGraph(model, file),
  ];
}

function compareVariables(model: tf.LayersModel, recorded: Variables): readonly Check[] {
  const variables = namedVariables(model);
  return [...fromKerasPaths(recorded)].map(([name, { data }]) => {
    const variable = variables.get(name);
    return variable == null ? missing('variables', name) : absolute('variables', name, variable.dataSync(), data, 0);
  });
}

function compareEbops(model: tf.LayersModel, recorded: Variables): readonly Check[] {
  const layers = new Map(collectQLayers(model).map((layer) => [layer.name, layer]));
  const counts = Object.entries(recorded)
    .filter(([path]) => path.endsWith('/ebops'))
    .map(([path, { data }]) => [path.slice(0, -'/ebops'.length), data[0]] as const);
  return [...ebopsByLayer(counts, layers)].map(([name, expected]) => {
    const layer = layers.get(name);
    return layer == null ? missing('EBOPs', name) : absolute('EBOPs', name, [layer.ebops], [expected], 0);
  });
}

function compareInference(model: tf.LayersModel, file: ParityFile): readonly Check[] {
  const { predict_first_batch: predicted, activations_first4: activations } = file.traced;
  const [first, few] = [batchOf(model, file, 0, file.batch), batchOf(model, file, 0, 4)];
  const output = model.predict(first) as tf.Tensor;
  const checks = [absolute('inference', 'output of the first batch', output.dataSync(), predicted.data, limit)];
  const outputs = layerOutputs(model, few, { allOutputs: true });
  for (const [key, { data }] of Object.entries(activations)) {
    const found = outputs.get(key.replace(/:0$/, ''));
    checks.push(
      found == null
        ? missing('inference', key)
        : absolute('inference', `activations ${key}`, found.values, data, limit),
    );
  }
  tf.dispose([first, few, output]);
  return checks;
}

/** Values of all layers on all images in which inference and the interpreted graph differ; the limit is none. */
function compareGraph(model: tf.LayersModel, file: ParityFile): readonly Check[] {
  const everything = batchOf(model, file, 0, file.x.length);
  let graph: FixedGraph;
  try {
    graph = lower(model, { calibration: everything, softmax: 'drop' });
  } catch (error) {
    if (error instanceof LowerError) return [missing('lowered graph', error.message)];
    throw error;
  } finally {
    everything.dispose();
  }
  const results = layerResults(graph);
  // Dropped from the graph, so the layers that end with one are compared behind it, where floats are rounded.
  const softmax = new Set(
    collectQLayers(model)
      .filter((layer) => 'activation' in layer && layer.activation === 'softmax')
      .map(({ name }) => name),
  );
  const differences = new Map([...results.keys()].map((layer) => [layer, 0]));
  for (let start = 0; start < file.x.length; start += chunk) {
    const batch = batchOf(model, file, start, Math.min(chunk, file.x.length - start));
    const outputs = layerOutputs(model, batch);
    const { values } = interpret(graph, batch.dataSync(), { taps: 'all' });
    batch.dispose();
    for (const [layer, node] of results) {
      const value = values.get(node.name);
      const float = outputs.get(layer)?.values ?? new Float32Array();
      const exact = value == null ? new Float64Array() : decode(node, value);
      const lengths = float.length === exact.length ? 0 : Number.POSITIVE_INFINITY;
      const expected = softmax.has(layer) ? softmaxOf(exact, node.shape.at(-1) ?? 1) : Float32Array.from(exact);
      const within = softmax.has(layer) ? limit : 0;
      const count = float.reduce((sum, real, k) => sum + (Math.abs(real - expected[k]) <= within ? 0 : 1), lengths);
      differences.set(layer, (differences.get(layer) ?? 0) + count);
    }
  }
  return [...differences].map(([layer, count]) =>
    absolute('lowered graph', `differing values of ${layer}`, [count], [0], 0),
  );
}

function softmaxOf(logits: Float64Array, classes: number): Float32Array {
  return tf.tidy(() =>
    tf
      .softmax(tf.tensor2d(Float32Array.from(logits), [logits.length / classes, classes], 'float32'))
      .dataSync<'float32'>()
      .slice(),
  );
}
