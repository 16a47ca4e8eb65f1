import type * as tf from '@tensorflow/tfjs';
import { checkModel } from '../../fit/check-model.ts';
import { OptionError } from '../../option-error.ts';
import { choice, type Point, type Space } from '../../tune/space.ts';
import type { LayerAttributes, ModelAttributes } from '../attributes/layer-attributes.ts';
import { checkAttributes, checkLists } from '../check-arguments.ts';
import { sharesWeights } from '../masks/layer-groups.ts';
import { rebuildModel } from '../rebuild-model.ts';
import { type PenaltySettings, penaltySettings } from '../regularize/group-penalty.ts';
import { registerRegularizers } from '../regularize/group-regularizers.ts';

/** Strengths of regularisers to try: 16 from 1e-6 to 1e-2, each the same factor above the last (hls4ml §1.1). */
export const defaultRegularizationRange: readonly number[] = Array.from(
  { length: 16 },
  (_, k) => 10 ** (-6 + (4 * k) / 15),
);

/** What says which strength to take, as `hp` of keras-tuner does. */
export interface HyperParameters {
  choice(name: string, values: readonly number[], options: { readonly default: number }): number;
}

/** What there is to choose from. */
export interface HyperOptimizationOptions {
  /** Default `defaultRegularizationRange`. */
  readonly regularizationRange?: readonly number[];
  /** Learning rates to choose from as well. Default none: that of the training. */
  readonly learningRateRange?: readonly number[];
}

/** Name of the parameter that is no strength. */
export const LEARNING_RATE = 'learning_rate';

/**
 * The models among which a tuner looks for the best regularisers (upstream's class of this name): every optimizable layer gets a `DenseRegularizer` or
 * `Conv2DRegularizer` of its groups, of strength `<layer>_alpha` where it may be pruned and `<layer>_beta` where its weights may be shared.
 */
export class HyperOptimizationModel {
  readonly model: tf.LayersModel;
  /** What a tuner chooses; null where no layer is optimizable. Defaults are the values in the middle. */
  readonly space: Space | null;
  /** The first values of the ranges, of all parameters. */
  readonly first: Point;
  private readonly layers: readonly LayerAttributes[];

  /** @throws OptionError for strengths that are not finite numbers ≥ 0, learning rates that are not > 0, and no values at all */
  constructor(model: tf.LayersModel, attributes: ModelAttributes, options: HyperOptimizationOptions = {}) {
    const where = 'HyperOptimizationModel';
    checkModel(model, where);
    const { regularizationRange = defaultRegularizationRange, learningRateRange = [] } = options;
    checkAttributes(attributes, where);
    checkLists({ regularizationRange, learningRateRange }, where);
    const bad = regularizationRange.find((strength) => !(Number.isFinite(strength) && strength >= 0));
    if (bad !== undefined || regularizationRange.length === 0) {
      throw new OptionError(`${where}: regularizationRange [${regularizationRange}]; give finite numbers ≥ 0`);
    }
    if (learningRateRange.some((rate) => !(Number.isFinite(rate) && rate > 0))) {
      throw new OptionError(`${where}: learningRateRange [${learningRateRange}]; give finite numbers > 0`);
    }
    this.model = model;
    this.layers = [...attributes.values()].filter((layer) => layer.optimizable && layer.kind !== null);
    const names = this.layers.flatMap((layer) => parametersOf(layer));
    const space = Object.fromEntries([
      ...names.map((name) => [name, middled(regularizationRange)]),
      ...(learningRateRange.length === 0 ? [] : [[LEARNING_RATE, middled(learningRateRange)]]),
    ]) as Space;
    this.space = names.length === 0 ? null : space;
    this.first = Object.fromEntries([
      ...names.map((name) => [name, regularizationRange[0]] as const),
      ...(learningRateRange.length === 0 ? [] : [[LEARNING_RATE, learningRateRange[0]] as const]),
    ]);
  }

  /** A copy of the model with regularisers of the strengths that `hp` chooses, and the same weights. */
  build(hp: HyperParameters): Promise<tf.LayersModel> {
    const point = Object.fromEntries(
      Object.entries(this.space ?? {}).map(([name, dimension]) => {
        const { values, default: middle } = dimension as { values: readonly number[]; default: number };
        return [name, hp.choice(name, values, { default: middle })];
      }),
    );
    return this.at(point);
  }

  /** A copy of the model with regularisers of these strengths, and the same weights. @throws OptionError for layers that have a regulariser of their own, or take none (QKeras', HGQ v1's) */
  at(point: Point): Promise<tf.LayersModel> {
    registerRegularizers();
    const penalties = this.penaltiesAt(point);
    return rebuildModel(this.model, ({ name, className, config }) => {
      const penalty = penalties.get(name);
      const layer = this.layers.find((one) => one.name === name);
      if (penalty === undefined || layer === undefined) return config;
      if (config['kernel_regularizer'] != null) {
        throw new OptionError(
          `HyperOptimizationModel: layer '${name}' has a kernelRegularizer of its own, which would be lost; take it away, or use optimizeModel, which adds its own to it`,
        );
      }
      if (/^(QKeras|H[A-Z])/.test(className)) {
        throw new OptionError(
          `HyperOptimizationModel: layer '${name}' (${className}) takes no regulariser; train with pruningOptimizer and these penalties, as optimizeModel does`,
        );
      }
      const { alpha, beta, norm, structure, blockShape, patternOffset, consecutivePatterns } = penalty;
      const regularizer = {
        class_name: layer.kind === 'dense' ? 'DenseRegularizer' : 'Conv2DRegularizer',
        config: {
          alpha,
          beta,
          norm,
          structure,
          block_shape: [...blockShape],
          pattern_offset: patternOffset,
          consecutive_patterns: consecutivePatterns,
        },
      };
      return { ...config, kernel_regularizer: regularizer };
    });
  }

  /** The regularisers of these strengths, by layer; those without any strength are left out. */
  penaltiesAt(point: Point): ReadonlyMap<string, PenaltySettings> {
    return new Map(
      this.layers.flatMap((layer) => {
        const { name, kind, optimizationAttributes } = layer;
        const strength = (part: 'alpha' | 'beta'): number => Number(point[`${name}_${part}`] ?? 0);
        const [alpha, beta] = [strength('alpha'), strength('beta')];
        if (kind === null || (alpha === 0 && beta === 0)) return [];
        const { structure, blockShape, patternOffset, consecutivePatterns } = optimizationAttributes;
        const groups = { structure, blockShape, patternOffset, consecutivePatterns };
        return [[name, penaltySettings(kind, { alpha, beta, ...groups }, `Layer '${name}'`)] as const];
      }),
    );
  }
}

function parametersOf(layer: LayerAttributes): string[] {
  const { name, optimizationAttributes } = layer;
  return [
    ...(optimizationAttributes.pruning ? [`${name}_alpha`] : []),
    ...(sharesWeights(layer) ? [`${name}_beta`] : []),
  ];
}

function middled(values: readonly number[]): Space[string] {
  return choice(values, { default: values[Math.floor(values.length / 2)] });
}
