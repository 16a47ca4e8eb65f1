/** What `strict-page.test.ts` runs in a page and in Node: something of every package, and what came out as plain data. */
import { emit, estimate, plan } from '@sp/hls';
import {
  averagePooling2DSparse,
  inputReduce,
  lower,
  qConv2DSparse,
  qDense,
  qUnaryFunctionLUT,
  setBackend,
  sparseFlatten,
  traceMinMax,
} from '@sp/layers';
import { interpret } from '@sp/quant';
import { expressionFunction } from '@sp/quant/expression';
import { compileEngine, fit, wasmBackend } from '@sp/train';
import { confusionMatrix, history, renderSvg } from '@sp/viz';
import * as tf from '@tensorflow/tfjs';

/** Trains, lowers, interprets, emits and draws a small network on tfjs' `cpu` backend, the fused engine in WebAssembly. */
export async function program(): Promise<Readonly<Record<string, unknown>>> {
  await setBackend('cpu');
  const model = network();
  const { epochs, engine } = await fit(model, data(40), { epochs: 3, batchSize: 20, loss: 'softmaxCrossEntropy' });
  const backend = await wasmBackend();
  const compiled = backend && compileEngine(model, { loss: { kind: 'softmaxCrossEntropy' }, backend });
  const images = tf.tensor4d(data(8).images, [8, 6, 6, 1]);
  const table = qUnaryFunctionLUT({ name: 'table', activation: 'tanh' });
  table.apply(tf.input({ shape: [4] }));
  traceMinMax(model, images);
  const graph = lower(model, { calibration: images });
  const planned = plan(graph);
  const files = [...emit(planned)].map(([path, text]) => [path, `${text}`]);
  const { outputs } = interpret(graph, images.dataSync<'float32'>());
  return {
    engine,
    backend: compiled == null || typeof compiled === 'string' ? String(compiled) : compiled.backend,
    losses: epochs.map(({ loss }) => loss),
    expression: [0.5, 2].map(expressionFunction('1 / (1 + exp(-x))')),
    codes: [...outputs[graph.outputs[0]].codes].map(Number),
    latency: estimate(planned).latency,
    files,
    svgs: [
      await renderSvg(confusionMatrix({ actual: [0, 1, 1], predicted: [0, 1, 0] })),
      await renderSvg(history(epochs.map(({ loss }) => ({ loss })))),
    ],
  };
}

function network(): tf.LayersModel {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 1 });
  const iqConf = { i0: 2, f0: 5, heterogeneousAxis: [-1] };
  const input = tf.input({ shape: [6, 6, 1], name: 'image' });
  const reduced = inputReduce({ name: 'reduce', n: 5, threshold: 0.2 }).apply(input) as tf.SymbolicTensor[];
  const conv = qConv2DSparse({
    name: 'conv',
    filters: 2,
    kernelSize: 3,
    activation: 'relu',
    kernelInitializer,
    iqConf,
  });
  const features = conv.apply(reduced) as tf.SymbolicTensor;
  const pooled = averagePooling2DSparse({ name: 'pool', poolSize: 2 }).apply([features, reduced[1]]);
  const flat = sparseFlatten({ name: 'flatten' }).apply(pooled as tf.SymbolicTensor[]);
  const logits = qDense({ name: 'dense', units: 2, kernelInitializer, iqConf: { i0: 2, f0: 5 } }).apply(flat);
  return tf.model({ inputs: input, outputs: logits as tf.SymbolicTensor, name: 'page' });
}

function data(count: number) {
  const labels = Int32Array.from({ length: count }, (_, j) => j % 2);
  const images = Float32Array.from({ length: 36 * count }, (_, j) =>
    (j * 7919) % 11 === 0 && Math.floor(j / 18) % 2 === Math.floor(j / 36) % 2 ? 0.5 + (j % 8) / 16 : 0,
  );
  return { images, labels, shape: [6, 6, 1] as const, classes: 2 };
}
