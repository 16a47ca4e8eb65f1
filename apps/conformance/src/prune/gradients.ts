import {
  getLastLayerWithWeights,
  getModelGradients,
  getModelHessians,
  getModelSparsity,
  prunableKernel,
} from '@sp/train/prune';
import * as tf from '@tensorflow/tfjs';
import { asNumber, asRow, asRows, asTensor, asText, FixtureError, type Row } from '../legacy/fixture.ts';
import { absolute, type Check, missing } from '../parity/compare.ts';
import { asNumbers } from './attributes-of-row.ts';
import { closeness } from './closeness.ts';
import { LOSSES } from './losses.ts';
import { recordedModel, tensorsOf } from './recorded-model.ts';

/** Gradients, diagonals of the Hessian, sparsities and last layers; one group per model. */
export function checkGradients(content: unknown): readonly Check[] {
  const file = asRow(content, 'the file');
  return [
    ...asRows(file['rows'], 'rows').flatMap((row, j) => checkRow(row, `rows[${j}]`)),
    ...asRows(file['sparsity'] ?? [], 'sparsity').flatMap((row, j) => checkCounts(row, `sparsity[${j}]`)),
  ];
}

function checkRow(row: Row, where: string): readonly Check[] {
  const group = asText(row['name'], `${where}.name`);
  const loss = LOSSES[asText(row['loss'], `${where}.loss`)];
  if (loss === undefined) return [missing(group, `${where}: nothing here knows the loss ${String(row['loss'])}`)];
  const model = recordedModel(row, where);
  const [x, y] = ['x', 'y'].map((key) => {
    const { shape, data } = asTensor(row[key], `${where}.${key}`);
    return tf.tensor(data, [...shape]);
  });
  const value = tf.tidy(() => tf.mean(loss(y, model.predict(x, { batchSize: x.shape[0] }) as tf.Tensor)).dataSync()[0]);
  const checks = [
    closeness(group, `${where}: loss`, [value], [asNumber(row['loss_value'], `${where}.loss_value`)], 1e-5, 1e-6),
  ];
  const compare = (what: string, found: ReadonlyMap<string, Float32Array>, recorded: unknown): void => {
    for (const [name, { data }] of tensorsOf(recorded, `${where}.${what}`)) {
      checks.push(closeness(group, `${where}: ${what} of ${name}`, found.get(name) ?? [], data, 1e-4, 1e-6));
    }
  };
  compare('gradients', getModelGradients(model, loss, x, y), row['gradients']);
  compare('hessian_diagonal', getModelHessians(model, loss, x, y), row['hessian_diagonal']);
  const { total, perLayer } = getModelSparsity(model);
  checks.push(
    closeness(group, `${where}: sparsity`, [total], [asNumber(row['sparsity'], `${where}.sparsity`)], 0, 1e-6),
  );
  const shares = asRow(row['sparsity_per_layer'], `${where}.sparsity_per_layer`);
  for (const [name, share] of Object.entries(shares)) {
    checks.push(
      closeness(
        group,
        `${where}: sparsity of ${name}`,
        [perLayer.get(name) ?? Number.NaN],
        [asNumber(share, `${where}.${name}`)],
        0,
        1e-6,
      ),
    );
  }
  const last = asNumber(row['last_layer_with_weights'], `${where}.last_layer_with_weights`);
  // A sequential model of Keras does not count its input.
  const isSequential = asRow(row['architecture'], `${where}.architecture`)['class_name'] === 'Sequential';
  checks.push(
    absolute(group, `${where}: last layer`, [getLastLayerWithWeights(model) - (isSequential ? 1 : 0)], [last], 0),
  );
  tf.dispose([x, y]);
  model.dispose();
  return checks;
}

/** Models of which only layers, sizes and zeros are known. */
function checkCounts(row: Row, where: string): readonly Check[] {
  const group = 'sparsity';
  const zeros = Object.entries(asRow(row['zeros'], `${where}.zeros`)).map(([name, counts]) => {
    const [gone, size] = asNumbers(counts, `${where}.zeros.${name}`);
    return { name, gone, size };
  });
  const classes = row['layer_classes'] as readonly string[];
  if (!Array.isArray(classes)) throw new FixtureError(`${where}.layer_classes`, 'a list');
  const { model, inserted } = modelOfCounts(classes, zeros);
  const { total, perLayer } = getModelSparsity(model);
  const checks = [closeness(group, `${where}: total`, [total], [asNumber(row['total'], `${where}.total`)], 0, 1e-9)];
  const shares = asRow(row['per_layer'], `${where}.per_layer`);
  checks.push(absolute(group, `${where}: layers`, [perLayer.size], [Object.keys(shares).length], 0));
  for (const [name, share] of Object.entries(shares)) {
    checks.push(
      closeness(
        group,
        `${where}: ${name}`,
        [perLayer.get(name) ?? Number.NaN],
        [asNumber(share, `${where}.${name}`)],
        0,
        1e-9,
      ),
    );
  }
  const last = asNumber(row['last_layer_with_weights'], `${where}.last_layer_with_weights`);
  checks.push(absolute(group, `${where}: last layer`, [getLastLayerWithWeights(model) - inserted], [last], 0));
  model.dispose();
  return checks;
}

/** A chain of these layers, with kernels of these sizes and as many zeros at their beginnings; with reshapes where sizes ask for them. */
function modelOfCounts(
  classes: readonly string[],
  kernels: readonly { readonly name: string; readonly gone: number; readonly size: number }[],
): { readonly model: tf.Sequential; readonly inserted: number } {
  const model = tf.sequential();
  let next = 0;
  let inserted = 0;
  for (const [j, className] of classes.entries()) {
    const first = j === 0;
    const kernel = /^(Q?Dense|Q?Conv2D)$/.test(className) ? kernels[next++] : null;
    const image = { inputShape: [1, 1, 1] };
    switch (className) {
      case 'Conv2D':
        // One channel, one row and column of taps: as many filters as weights.
        model.add(
          tf.layers.conv2d({
            name: kernel?.name ?? '',
            filters: kernel?.size ?? 1,
            kernelSize: 1,
            ...(first && image),
          }),
        );
        break;
      case 'Dense': {
        const before = first ? (kernel?.size ?? 1) : (model.outputs[0].shape.at(-1) as number);
        if (!first && (kernel?.size ?? 0) % before !== 0) {
          model.add(tf.layers.reshape({ targetShape: [before, 1] }));
          inserted++;
        }
        const inputs = first ? before : (model.outputs[0].shape.at(-1) as number);
        model.add(
          tf.layers.dense({
            name: kernel?.name ?? '',
            units: (kernel?.size ?? 1) / inputs,
            ...(first && { inputShape: [inputs] }),
          }),
        );
        break;
      }
      case 'Flatten':
        model.add(tf.layers.flatten(first ? image : {}));
        break;
      case 'BatchNormalization':
        model.add(tf.layers.batchNormalization());
        break;
      case 'Activation':
        model.add(tf.layers.activation({ activation: 'relu' }));
        break;
      default:
        throw new FixtureError(`layer class ${className}`, 'known here');
    }
  }
  for (const { name, gone, size } of kernels) {
    const kernel = prunableKernel(model.getLayer(name))?.variable;
    kernel?.assign(
      tf.tensor(
        Float32Array.from({ length: size }, (_, k) => (k < gone ? 0 : 1)),
        kernel.shape,
      ),
    );
  }
  return { model, inserted };
}
