import { compileEngine, type Dataset, type EngineBackend } from '@sp/train';
import type { Optimizer, Task } from '@sp/train/internal';
import * as tf from '@tensorflow/tfjs';
import { batchOf } from './batch-of.ts';
import type { ParityFile } from './parity-file.ts';
import type { Stepper } from './stepper.ts';

/** Steps on lists of active pixels; a string says why the fused engine does not know the model. */
export function fusedStepper(
  model: tf.LayersModel,
  file: ParityFile,
  task: Task,
  optimizer: Optimizer,
  backend: EngineBackend | undefined,
): Stepper | string {
  const shape = model.inputs[0].shape.slice(1);
  if (shape.length !== 3) return `inputs of shape [${shape}] are no images`;
  if (task.engineLoss === undefined) return 'the loss is a function of your own';
  const engine = compileEngine(model, { loss: task.engineLoss, ...(backend && { backend }) });
  if (typeof engine === 'string') return engine;
  const data = datasetOf(model, file);
  const order = Int32Array.from(file.y, (_, index) => index);
  const variables = model.trainableWeights.map((weight) => (weight.read() as tf.Variable).name);
  return {
    differentiate(step) {
      const { loss, lossTask } = engine.differentiate(data, order, step * file.batch, (step + 1) * file.batch);
      engine.sync();
      const gradients = new Map(engine.parameters.map(({ gradient }, index) => [variables[index], gradient.slice()]));
      return { output: undefined, task: lossTask, total: loss, layerLosses: undefined, gradients };
    },
    update() {
      engine.update(optimizer, file.optimizer.adam.lr, () => 1);
      engine.sync();
    },
    dispose: engine.dispose,
  };
}

function datasetOf(model: tf.LayersModel, file: ParityFile): Dataset {
  const images = tf.tidy(() => batchOf(model, file, 0, file.x.length).dataSync<'float32'>().slice());
  const [height, width, channels] = model.inputs[0].shape.slice(1) as number[];
  const classes = model.outputs[0].shape.at(-1) as number;
  return { images, labels: Int32Array.from(file.y), shape: [height, width, channels], classes };
}
