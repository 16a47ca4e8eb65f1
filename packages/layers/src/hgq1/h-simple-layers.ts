import { formatWidth, quantize } from '@sp/quant';
import { formatAt } from '@sp/quant/internal';
import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { names, type OptionNames } from '../layers/option-list.ts';
import type { Shape } from '../layers/q-layer.ts';
import { unaryFunction } from '../layers/unary-functions.ts';
import { lowerBinaryChain } from '../lower/lower-merge.ts';
import { lowerTables } from '../lower/lower-table.ts';
import { LowerError, type Lowered, type LowerScope, requireValue } from '../lower/lowered.ts';
import { hostOp } from '../ops/host-op.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import { HLayer, type HLayerArgs, hLayerOptions } from './h-layer.ts';
import type { HQuantizer } from './h-quantizer.ts';

/** HGQ v1's `HQuantize`: a quantizer on its input (hgq1 §2.2). */
export class HQuantize extends HLayer {
  static readonly className = 'HQuantize';
  static readonly options: OptionNames = names<HLayerArgs>('paqConf', hLayerOptions);

  lowerInto(scope: LowerScope, [input]: readonly Lowered[]): readonly Lowered[] {
    this.requireTraced();
    return [this.lowerQuantizer(scope, input)];
  }

  protected forward([x]: tf.Tensor[], context: CallContext): tf.Tensor {
    return this.paq.call(x, context);
  }
}

/** HGQ v1's `HAdd`: the sum of its inputs, quantised (hgq1 §2.8). */
export class HAdd extends HLayer {
  static readonly className = 'HAdd';
  static readonly options: OptionNames = names<HLayerArgs>('paqConf', hLayerOptions);

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shapes = inputShape as Shape[];
    if (
      !Array.isArray(shapes[0]) ||
      shapes.length < 2 ||
      shapes.some((shape) => shape.slice(1).join() !== shapes[0].slice(1).join())
    ) {
      throw new LayerError(
        `Layer '${this.name}': input shapes [${shapes.join('], [')}]; expected at least two, all the same.`,
      );
    }
    return shapes[0];
  }

  lowerInto(scope: LowerScope, inputs: readonly Lowered[]): readonly Lowered[] {
    this.requireTraced();
    const values = inputs.map((input) => requireValue(input, this.name));
    return [this.lowerQuantizer(scope, lowerBinaryChain(scope, 'add', values, this.name))];
  }

  protected forward(inputs: tf.Tensor[], context: CallContext): tf.Tensor {
    return this.paq.call(tf.addN(inputs), context);
  }
}

/** Arguments of `hActivation`. */
export interface HActivationArgs extends HLayerArgs {
  /** `relu`, `softmax`, or any unary function by name (`registerUnaryFunction` adds more). */
  readonly activation: string;
}

/** HGQ v1's `HActivation`: a function, then the quantizer (hgq1 §2.6). */
export class HActivation extends HLayer {
  static readonly className = 'HActivation';
  static readonly options: OptionNames = names<HActivationArgs>('activation', { ...hLayerOptions, activation: 0 });
  readonly activation: string;

  constructor(args: HActivationArgs) {
    super(args);
    this.activation = args.activation;
    if (this.activation !== 'softmax') unaryFunction(this.activation, this.name);
  }

  /** What a relu gives is not negative, whatever its widened range. */
  override get positiveOnly(): boolean {
    return this.activation === 'relu';
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), activation: this.activation };
  }

  /** As `.relu` and `.quantizer`, or as one table that holds both. */
  lowerInto(scope: LowerScope, [input]: readonly Lowered[]): readonly Lowered[] {
    const { activation, name } = this;
    const { node } = requireValue(input, name);
    if (activation === 'softmax' && scope.softmax === 'drop' && scope.isOutput) {
      scope.report({ kind: 'note', layer: name, message: 'softmax dropped: the graph ends with the logits.' });
      return [input];
    }
    this.requireTraced();
    if (activation === 'linear') return [this.lowerQuantizer(scope, input)];
    if (activation === 'relu') {
      return [
        this.lowerQuantizer(scope, { kind: 'value', node: scope.graph.relu(`${name}.relu`, node, { layer: name }) }),
      ];
    }
    if (activation === 'softmax') {
      throw new LowerError(name, 'softmax has no exact integer form.', "Pass softmax: 'drop' if it ends the model.");
    }
    const widest = Math.max(...node.format.f.map((_, j) => formatWidth(formatAt(node.format, j))));
    if (node.divisor != null || 2 ** widest > scope.tableLimit) {
      throw new LowerError(
        name,
        `'${activation}' needs a table over ${widest} bits; at most ${scope.tableLimit} entries are allowed.`,
        'Quantise its input to fewer bits, or raise unaryLutMaxTableSize.',
      );
    }
    const f = unaryFunction(activation, name).value;
    const to = this.formats(this.paq.exact(false));
    const functions = {
      shape: to.shape,
      key: (index: number) => Object.values(formatAt(to, index)).join(),
      at: (index: number) => (x: number) =>
        quantize(Math.fround(f(x)), formatAt(to, index), this.hardwareRounding, scope.overflow),
    };
    return [
      {
        kind: 'value',
        node: lowerTables(scope, `${name}.lut`, node, functions, { layer: name, expression: `${activation}(x)` }),
      },
    ];
  }

  protected override resolvedStrategy(): HQuantizer['strategy'] {
    const { rndStrategy } = this.paq.config;
    return rndStrategy === 'auto' ? 'standard_round' : rndStrategy;
  }

  protected forward([x]: tf.Tensor[], context: CallContext): tf.Tensor {
    return this.paq.call(this.function(x), context);
  }

  private function(x: tf.Tensor): tf.Tensor {
    switch (this.activation) {
      case 'linear':
        return x;
      case 'relu':
        return tf.relu(x);
      case 'softmax':
        return tf.softmax(x);
      default: {
        const { value, slope } = unaryFunction(this.activation, this.name);
        return hostOp([x], ([values]) => {
          const copy = values.slice();
          return { values: copy.map(value), shape: x.shape, gradient: (dy) => [dy.map((g, j) => g * slope(copy[j]))] };
        });
      }
    }
  }
}

/**
 * HGQ v1's `HQuantize`.
 *
 * @example
 * const q = hQuantize({ paqConf: { initBw: 6 }, beta: 1e-5 }).apply(x);
 */
export const hQuantize = (args: HLayerArgs = {}): HQuantize => new HQuantize(args);
/** HGQ v1's `HAdd`. */
export const hAdd = (args: HLayerArgs = {}): HAdd => new HAdd(args);
/** HGQ v1's `HActivation`. */
export const hActivation = (args: HActivationArgs): HActivation => new HActivation(args);
