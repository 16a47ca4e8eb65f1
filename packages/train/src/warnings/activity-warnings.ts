import { collectInputReduces, collectQLayers, type LayerOutput, layerOutputs } from '@sp/layers';
import * as tf from '@tensorflow/tfjs';
import { type Dataset, sliceImages } from '../data/dataset.ts';
import { checkOptionNames } from '../option-names.ts';
import { type ModelWarning, percent } from './model-warning.ts';

/** What counts as too much. */
export interface ActivityOptions {
  /** Images looked at, the first of the data set. Default 128. */
  readonly images?: number;
  /** Share of images without any active pixel above which to warn. Default 0.05. */
  readonly emptyImages?: number;
  /** Share of the intensity dropped by threshold and budget above which to warn. Default 0.5. */
  readonly lostIntensity?: number;
  /** Share of dead channels above which to warn. Default 0.5. */
  readonly deadChannels?: number;
}

/** All names; a record, so that none can be missing. */
export const activityOptionNames: readonly string[] = Object.keys({
  images: 0,
  emptyImages: 0,
  lostIntensity: 0,
  deadChannels: 0,
} satisfies Record<keyof ActivityOptions, 0>);

/**
 * What is wrong with the signal on its way through a model, in inference on some images:
 *
 * - input reductions that leave many images empty or drop most of the intensity (channel 0, positive values);
 * - dead layers: their output is the same for all images. Only the first of a chain is named;
 * - quantised layers of which many output channels are dead.
 *
 * Needs two or more images that differ. Empty for a model that must be traced first (see `untracedWarnings`).
 *
 * @throws OptionError for unknown options; as `layerOutputs` for a model that uses a layer twice.
 */
export function activityWarnings(
  model: tf.LayersModel,
  dataset: Dataset,
  options: ActivityOptions = {},
): readonly ModelWarning[] {
  checkOptionNames(options, activityOptionNames, 'activityWarnings');
  const { images: count = 128, emptyImages = 0.05, lostIntensity = 0.5, deadChannels = 0.5 } = options;
  if (!hasRanges(model)) return [];
  const { images, labels, shape } = sliceImages(dataset, 0, Math.min(count, dataset.labels.length));
  const x = tf.tensor(images, [labels.length, ...shape], 'float32');
  let outputs: ReadonlyMap<string, LayerOutput>;
  try {
    outputs = layerOutputs(model, x);
  } finally {
    x.dispose();
  }
  const warnings = lostSignal(model, outputs, emptyImages, lostIntensity);
  return labels.length < 2 ? warnings : [...warnings, ...dead(model, outputs, deadChannels)];
}

function lostSignal(
  model: tf.LayersModel,
  outputs: ReadonlyMap<string, LayerOutput>,
  emptyImages: number,
  lostIntensity: number,
): readonly ModelWarning[] {
  return collectInputReduces(model).flatMap((reduce) => {
    const [before] = sourcesOf(reduce).flatMap((name) => outputs.get(name) ?? []);
    const after = outputs.get(reduce.name);
    if (before === undefined || after === undefined) return [];
    const [given, kept] = [intensities(before), intensities(after)];
    const empty = kept.filter((intensity) => intensity === 0).length / kept.length;
    const all = given.reduce((sum, intensity) => sum + intensity, 0);
    const lost = all === 0 ? 0 : 1 - kept.reduce((sum, intensity) => sum + intensity, 0) / all;
    const where = `Layer '${reduce.name}' (n ${reduce.nMaxPixels}, threshold ${Number(reduce.threshold.toPrecision(4))})`;
    const remedy = 'Lower the threshold, raise n, or set betaMaskedE so that training keeps the signal.';
    const warnings: ModelWarning[] = [];
    if (empty > emptyImages) {
      const message = `${where} leaves no active pixel in ${percent(empty)} of the images. ${remedy}`;
      warnings.push({ kind: 'empty-images', layer: reduce.name, share: empty, message });
    }
    if (lost > lostIntensity) {
      const message = `${where} drops ${percent(lost)} of the intensity. ${remedy}`;
      warnings.push({ kind: 'lost-intensity', layer: reduce.name, share: lost, message });
    }
    return warnings;
  });
}

function dead(
  model: tf.LayersModel,
  outputs: ReadonlyMap<string, LayerOutput>,
  deadChannels: number,
): readonly ModelWarning[] {
  const shares = new Map([...outputs].map(([name, output]) => [name, deadShare(output)]));
  const quantised = new Set(collectQLayers(model).map(({ name }) => name));
  return model.layers.flatMap((layer): readonly ModelWarning[] => {
    const share = shares.get(layer.name) ?? 0;
    const sources = sourcesOf(layer);
    if (sources.length === 0 || sources.some((name) => shares.get(name) === 1)) return [];
    if (share === 1) {
      const message =
        `Layer '${layer.name}' gives the same for all images: nothing passes. ` +
        'Lower the learning rate or beta0, give its quantizers more bits, or check what comes before it.';
      return [{ kind: 'dead-layer', layer: layer.name, share, message }];
    }
    if (!quantised.has(layer.name) || !(share > deadChannels)) return [];
    const message = `Layer '${layer.name}': ${percent(share)} of its channels give the same for all images. Use fewer, or lower the learning rate.`;
    return [{ kind: 'dead-channels', layer: layer.name, share, message }];
  });
}

/** Share of channels (last axis) that are the same in all images, at every place. */
function deadShare({ values, shape }: LayerOutput): number {
  const channels = shape[shape.length - 1];
  const perImage = values.length / shape[0];
  const alive = new Uint8Array(channels);
  for (let p = perImage; p < values.length; p++) if (values[p] !== values[p % perImage]) alive[p % channels] = 1;
  return alive.filter((live) => live === 0).length / channels;
}

/** Sum of the positive values of channel 0, per image. */
function intensities({ values, shape }: LayerOutput): readonly number[] {
  const channels = shape[shape.length - 1];
  const perImage = values.length / shape[0];
  return Array.from({ length: shape[0] }, (_, image) => {
    let sum = 0;
    for (let p = image * perImage; p < (image + 1) * perImage; p += channels) sum += Math.max(0, values[p]);
    return sum;
  });
}

function sourcesOf(layer: tf.layers.Layer): readonly string[] {
  return layer.inboundNodes[0]?.inputTensors.map(({ sourceLayer }) => sourceLayer.name) ?? [];
}

/** Whether inference is possible: no quantizer has forgotten its range. */
function hasRanges(model: tf.LayersModel): boolean {
  try {
    for (const { quantizers } of collectQLayers(model))
      for (const quantizer of quantizers.values()) quantizer.formats(true);
    return true;
  } catch {
    return false;
  }
}
