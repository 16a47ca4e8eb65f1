import { collectInputReduces, collectQLayers, type QLayer } from '@sp/layers';
import type { Optimizer, Task } from '@sp/train/internal';
import * as tf from '@tensorflow/tfjs';
import { batchOf } from './batch-of.ts';
import type { ParityFile } from './parity-file.ts';
import type { Pass, Stepper } from './stepper.ts';

/** Steps with the layers themselves. `doubled`: layers that count double; their term stands for two. */
export function tfjsStepper(
  model: tf.LayersModel,
  file: ParityFile,
  task: Task,
  optimizer: Optimizer,
  doubled: readonly QLayer[],
): Stepper {
  let gradients: ReadonlyMap<string, Float32Array> = new Map();
  return {
    differentiate(step) {
      const pass = tf.tidy(() => {
        const images = batchOf(model, file, step * file.batch, file.batch);
        const labels = tf.tensor1d(file.y.slice(step * file.batch, (step + 1) * file.batch), 'int32');
        return forwardAndBackward(model, images, labels, task, doubled) as Pass & tf.TensorContainer;
      });
      gradients = pass.gradients;
      return pass;
    },
    update() {
      const parameters = model.trainableWeights.map((weight) => {
        const variable = weight.read() as tf.Variable;
        const gradient = gradients.get(variable.name) ?? new Float32Array(variable.size);
        const values = variable.dataSync<'float32'>().slice();
        return { variable, name: weight.originalName, values, gradient, rate: 1 };
      });
      optimizer.step(parameters, file.optimizer.adam.lr);
      tf.tidy(() => {
        for (const { variable, values } of parameters) variable.assign(tf.tensor(values, variable.shape, 'float32'));
      });
    },
    dispose() {},
  };
}

function forwardAndBackward(
  model: tf.LayersModel,
  images: tf.Tensor,
  labels: tf.Tensor1D,
  { values, loss, head, ofLogits }: Task,
  /** Layers that count double: their term stands for two. */
  doubled: readonly QLayer[],
): Pass {
  let output = new Float32Array();
  let taskValue = 0;
  let layerLosses: number[] = [];
  const { value, grads } = tf.variableGrads(
    () => {
      const predictions = values(() => model.apply(images, { training: true }) as tf.Tensor);
      const taskLoss = loss(labels, predictions);
      const terms = model.calculateLosses();
      output = (ofLogits ? head.activate(predictions) : predictions).dataSync<'float32'>().slice();
      taskValue = taskLoss.dataSync()[0];
      layerLosses = [
        ...collectQLayers(model).flatMap((layer) =>
          layer.lossTerms.flatMap(({ name, value }) =>
            name === 'ebops' && doubled.includes(layer) ? [value / 2, value / 2] : [value],
          ),
        ),
        ...collectInputReduces(model).flatMap((layer) => layer.calculateLosses().map((term) => term.dataSync()[0])),
      ];
      return terms.reduce<tf.Scalar>((sum, term) => tf.add(sum, term), taskLoss);
    },
    model.trainableWeights.map((weight) => weight.read() as tf.Variable),
  );
  const gradients = new Map(
    Object.entries(grads)
      .filter(([, gradient]) => gradient != null)
      .map(([name, gradient]) => [name, gradient.dataSync<'float32'>().slice()]),
  );
  return { output, task: taskValue, total: value.dataSync()[0], layerLosses, gradients };
}
