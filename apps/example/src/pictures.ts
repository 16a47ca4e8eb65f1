import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { layerOutputs } from '@sp/layers';
import type { FixedGraph } from '@sp/quant';
import {
  activePixelsVsThreshold,
  type Dataset,
  ebopsTable,
  type Logs,
  predictAll,
  quantizationTable,
  reducedExamples,
  sliceImages,
} from '@sp/train';
import * as viz from '@sp/viz';
import { renderPng } from '@sp/viz/png';
import * as tf from '@tensorflow/tfjs';

/** What the pictures of a training show. */
export interface TrainingPicture {
  readonly model: tf.LayersModel;
  readonly train: Dataset;
  readonly test: Dataset;
  readonly history: readonly Readonly<Logs>[];
  readonly bestEpoch: number;
  readonly n: number;
  readonly threshold: number;
}

/** A picture that was written: the name of its files and what it shows. */
export interface Picture {
  readonly file: string;
  readonly caption: string;
}

/** Draws how the training went and what it led to, as SVG and PNG, into `folder`. */
export async function trainingPictures(run: TrainingPicture, folder: string): Promise<readonly Picture[]> {
  const { model, train, test, history, bestEpoch, n, threshold } = run;
  const first = sliceImages(test, 0, 1);
  const input = tf.tensor(first.images, [1, ...test.shape], 'float32');
  const outputs = layerOutputs(model, input);
  input.dispose();
  const shown = ['reduce', 'conv1', 'pool1', 'conv2', 'pool2', 'dense1', 'dense2'];
  const figures: readonly (Picture & { readonly spec: viz.VegaLiteSpec })[] = [
    {
      file: 'history',
      caption: 'Loss and its parts, accuracy, n, threshold and EBOPs over the epochs; the kept epoch is marked.',
      spec: viz.history(
        history.map((logs, epoch) => ({ ...logs, epoch: epoch + 1 })),
        { bestEpoch: bestEpoch + 1 },
      ),
    },
    {
      file: 'reduced-examples',
      caption: `The first test image of each class after the reduction to ${n} pixels above ${threshold.toFixed(3)}.`,
      spec: viz.reducedExamples(reducedExamples(test, { n, threshold })),
    },
    {
      file: 'bit-widths',
      caption: 'Learned bit widths of weights, biases and activations.',
      spec: viz.quantization(tensorBits(model)),
    },
    {
      file: 'ebops',
      caption: 'Effective bit operations by layer.',
      spec: viz.ebopsByLayer(ebopsTable(model).map(({ layer, ebops }) => ({ layer, ebops }))),
    },
    {
      file: 'active-pixels',
      caption: 'Active pixels per training image against the threshold; the learned n and threshold are marked.',
      spec: viz.activePixelsVsThreshold(activePixelsVsThreshold(train), { n, threshold }),
    },
    {
      file: 'layer-outputs',
      caption: 'One test image through the layers.',
      spec: viz.layerOutputs(
        new Map(
          [...outputs]
            .filter(([layer]) => shown.includes(layer))
            .map(([layer, { values, shape }]) => [layer, { values, shape: shape.slice(1) }]),
        ),
      ),
    },
    {
      file: 'confusion',
      caption: 'True and predicted classes of the test images.',
      spec: viz.confusionMatrix({ actual: test.labels, predicted: predictedClasses(model, test) }),
    },
  ];
  await mkdir(folder, { recursive: true });
  for (const { file, spec } of figures) await draw(spec, join(folder, file));
  return figures.map(({ file, caption }) => ({ file, caption }));
}

/** Draws the fixed-point network, as SVG and PNG, into `folder`. */
export async function networkPicture(graph: FixedGraph, folder: string): Promise<Picture> {
  await mkdir(folder, { recursive: true });
  await draw(viz.networkDiagram(graph.nodes), join(folder, 'network'));
  return { file: 'network', caption: 'The fixed-point network: what each node computes, its shape and formats.' };
}

async function draw(spec: viz.VegaLiteSpec, path: string): Promise<void> {
  const svg = await viz.renderSvg(spec);
  await writeFile(`${path}.svg`, svg);
  await writeFile(`${path}.png`, renderPng(svg));
}

function tensorBits(model: tf.LayersModel): readonly viz.TensorBits[] {
  return quantizationTable(model).flatMap(({ layer, role, shape, bits }) =>
    role === 'output' || layer === 'pixels' ? [] : [{ layer, role, shape, bits }],
  );
}

function predictedClasses(model: tf.LayersModel, dataset: Dataset): number[] {
  const outputs = predictAll(model, dataset);
  const width = outputs.length / dataset.labels.length;
  return Array.from(dataset.labels, (_, j) => {
    const row = outputs.subarray(j * width, (j + 1) * width);
    return row.indexOf(row.reduce((largest, value) => Math.max(largest, value), Number.NEGATIVE_INFINITY));
  });
}
