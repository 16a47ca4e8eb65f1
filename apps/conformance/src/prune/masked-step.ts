import { sgd } from '@sp/train';
import type { Structure } from '@sp/train/internal';
import { attributesFromModel, denseRegularizer, MaskedBackprop } from '@sp/train/prune';
import * as tf from '@tensorflow/tfjs';
import {
  asFloats,
  asList,
  asNumber,
  asRow,
  asRows,
  asTensor,
  asText,
  FixtureError,
  type Row,
} from '../legacy/fixture.ts';
import { type Check, missing } from '../parity/compare.ts';
import { asFlag } from './attributes-of-row.ts';
import { closeness } from './closeness.ts';
import { LOSSES } from './losses.ts';

/** Three masked steps of every row; one group per regularizer. */
export function checkMaskedSteps(content: unknown): readonly Check[] {
  return asRows(asRow(content, 'the file')['rows'], 'rows').flatMap((row, j) => checkRow(row, `rows[${j}]`));
}

function checkRow(row: Row, where: string): readonly Check[] {
  const group = asText(row['regularizer'], `${where}.regularizer`);
  const loss = LOSSES[asText(row['loss'], `${where}.loss`)];
  if (loss === undefined || row['optimizer'] !== 'sgd') {
    return [missing(group, `${where}: nothing here knows the loss or the optimizer`)];
  }
  const optimizable = asRow(row['optimizable'], `${where}.optimizable`);
  const model = denseModel(row, where);
  const attributes = new Map(
    [...attributesFromModel(model)].map(([name, layer]) => {
      const flag = name in optimizable && asFlag(optimizable[name], `${where}.optimizable.${name}`);
      return [name, { ...layer, optimizable: flag }];
    }),
  );
  const learningRate = asNumber(row['learning_rate'], `${where}.learning_rate`);
  const step = new MaskedBackprop(model, loss, attributes, { optimizer: sgd(), learningRate });
  const masks = Object.entries(asRow(row['masks'], `${where}.masks`)).map(
    ([name, mask]) => [name, Float32Array.from(asText(mask, `${where}.masks.${name}`), Number)] as const,
  );
  step.updateMasks({ masks: new Map(masks) });
  const [x, y] = ['x', 'y'].map((key) => {
    const { shape, data } = asTensor(row[key], `${where}.${key}`);
    return tf.tensor(data, [...shape]);
  });
  const recorded = asFloats(row['losses_3_steps'], `${where}.losses_3_steps`);
  const losses = Array.from(recorded, () => step.call(x, y, 0.5));
  const checks = [closeness(group, `${where}: losses`, losses, recorded, 1e-5, 1e-6)];
  const after = asRow(row['weights_after_3'], `${where}.weights_after_3`);
  for (const [name, list] of Object.entries(after)) {
    const weights = model.getLayer(name).getWeights();
    for (const [j, tensor] of asList(list, `${where}.weights_after_3.${name}`).entries()) {
      const { data } = asTensor(tensor, `${where}.weights_after_3.${name}[${j}]`);
      checks.push(closeness(group, `${where}: ${name}[${j}]`, weights[j].dataSync(), data, 1e-5, 1e-6));
    }
  }
  tf.dispose([x, y]);
  model.dispose();
  return checks;
}

/** Two dense layers with relu between: these rows say no more about their model. */
function denseModel(row: Row, where: string): tf.LayersModel {
  const { settings, layer } = regularizerOf(asText(row['regularizer'], `${where}.regularizer`), where);
  const weights = Object.entries(asRow(row['weights'], `${where}.weights`));
  let input: tf.SymbolicTensor | undefined;
  let output: tf.SymbolicTensor | undefined;
  const assigned: (() => void)[] = [];
  for (const [index, [name, list]] of weights.entries()) {
    const tensors = asList(list, `${where}.weights.${name}`).map((tensor, j) =>
      asTensor(tensor, `${where}.weights.${name}[${j}]`),
    );
    const [inputs, units] = tensors[0].shape;
    input ??= tf.input({ shape: [inputs] });
    const dense = tf.layers.dense({
      name,
      units,
      activation: index < weights.length - 1 ? 'relu' : 'linear',
      ...(name === layer && { kernelRegularizer: denseRegularizer(settings) }),
    });
    output = dense.apply(output ?? input) as tf.SymbolicTensor;
    assigned.push(() => dense.setWeights(tensors.map(({ shape, data }) => tf.tensor(data, [...shape]))));
  }
  if (input === undefined || output === undefined) throw new FixtureError(`${where}.weights`, 'layers');
  const model = tf.model({ inputs: input, outputs: output });
  for (const assign of assigned) assign();
  return model;
}

/** `DenseRegularizer(alpha=.02,beta=0,norm=1,unstructured) on d1` */
function regularizerOf(
  text: string,
  where: string,
): {
  readonly settings: Parameters<typeof denseRegularizer>[0];
  readonly layer: string;
} {
  const found = /^DenseRegularizer\(alpha=([\d.e-]+),beta=([\d.e-]+),norm=([12]),(\w+)\) on (\w+)$/.exec(text);
  if (found === null)
    throw new FixtureError(`${where}.regularizer`, "'DenseRegularizer(alpha=…,beta=…,norm=…,structure) on layer'");
  const [, alpha, beta, norm, structure, layer] = found;
  return {
    settings: { alpha: Number(alpha), beta: Number(beta), norm: Number(norm) as 1, structure: structure as Structure },
    layer,
  };
}
