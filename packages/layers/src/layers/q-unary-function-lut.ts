import type * as tf from '@tensorflow/tfjs';
import { layerDefaults } from '../config/layer-config-scope.ts';
import type { Place } from '../config/quantizer-settings.ts';
import { resolveQuantizer } from '../config/serialise.ts';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { tableCost } from '../ebops/table-cost.ts';
import { LayerError } from '../layer-error.ts';
import { applyUnary, type UnaryFunction } from '../ops/unary-function.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { knownOptions } from './known-options.ts';
import { type Names, names, type OptionNames } from './option-list.ts';
import { QLayer, type QLayerArgs, type QuantizerLike, qLayerOptions, type Shape } from './q-layer.ts';
import { unaryFunction } from './unary-functions.ts';

/** Arguments of `qUnaryFunctionLUT`. */
export interface QUnaryFunctionLUTArgs extends QLayerArgs {
  /** Name of the function: 'sigmoid', 'tanh', 'exp', …, or one of `registerUnaryFunction`. */
  readonly activation: string;
  /** Default true, whatever the scope says. */
  readonly enableIq?: boolean | null;
  /** Default true, whatever the scope says. */
  readonly enableOq?: boolean | null;
  /** Output quantizer; place `table`. */
  readonly oqConf?: QuantizerLike | null;
  /** false: one input format for the whole tensor, so that one table serves all elements. Default true. */
  readonly allowHeterogeneousInput?: boolean | null;
  /** false: one output format for the whole tensor. Default true. */
  readonly allowHeterogeneousTable?: boolean | null;
  /** Make the output unsigned. Default false. */
  readonly overrideOqK0To0?: boolean | null;
}

/** Their names. */
export const unaryFunctionOptions: Names<QUnaryFunctionLUTArgs> = {
  ...qLayerOptions,
  activation: 0,
  allowHeterogeneousInput: 0,
  allowHeterogeneousTable: 0,
  overrideOqK0To0: 0,
};

/** `oq(f(iq(x)))` by table; see `qUnaryFunctionLUT`. */
export class QUnaryFunctionLUT extends QLayer {
  static readonly className: string = 'QUnaryFunctionLUT';
  static readonly options: OptionNames = names<QUnaryFunctionLUTArgs>('activation', unaryFunctionOptions);
  readonly activation: string;
  /** The function by name. */
  readonly unary: UnaryFunction;
  readonly allowHeterogeneousInput: boolean;
  readonly allowHeterogeneousTable: boolean;
  private shape: readonly number[] = [];

  constructor(options: QUnaryFunctionLUTArgs) {
    const args = knownOptions(options, new.target);
    const enableIq = args.enableIq ?? true;
    const enableOq = args.enableOq ?? true;
    const allowHeterogeneousInput = args.allowHeterogeneousInput ?? true;
    const allowHeterogeneousTable = args.allowHeterogeneousTable ?? true;
    super({
      ...args,
      enableIq,
      enableOq,
      enableEbops: args.enableEbops ?? (layerDefaults().enableEbops && enableIq && enableOq),
      iqConf: enableIq ? withOneFormat(args.iqConf, 'datalane', !allowHeterogeneousInput) : null,
      oqConf: enableOq
        ? {
            ...withOneFormat(args.oqConf, 'table', !allowHeterogeneousTable),
            ...(args.overrideOqK0To0 === true ? { k0: false } : {}),
          }
        : null,
    });
    this.activation = args.activation;
    this.unary = unaryFunction(args.activation, this.name);
    this.allowHeterogeneousInput = allowHeterogeneousInput;
    this.allowHeterogeneousTable = allowHeterogeneousTable;
    if (this.enableEbops && !enableOq) {
      throw new LayerError(`Layer '${this.name}': enableEbops needs the output quantizer. Set enableOq: true.`, {
        option: 'enableOq',
        value: enableOq,
      });
    }
  }

  /** What the tables hold: the function of iq's output, float32. */
  get tabled(): UnaryFunction {
    return this.unary;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return inputShape as Shape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { activation, allowHeterogeneousInput, allowHeterogeneousTable } = this;
    return { ...super.getConfig(), activation, allowHeterogeneousInput, allowHeterogeneousTable };
  }

  protected override buildInner([input]: Shape[]): void {
    this.shape = [1, ...input.slice(1).map((extent) => extent ?? 1)];
  }

  protected override forward([x]: tf.Tensor[], context: CallContext): tf.Tensor {
    return applyUnary(this.unary, this.quantisedInput(x, context));
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    return {};
  }

  protected override costOperands(): readonly CostOperand[] {
    const { iq, oq, shape } = this;
    if (iq == null || oq == null) return [];
    return [iq, oq].map((quantizer) => ({ quantizer, shape }));
  }

  protected override costFunction(): CostFunction {
    return ([input, output]) => tableCost(input, output);
  }
}

/**
 * A quantizer's settings with the defaults of `place` filled in, as a copy, and one format for the whole tensor when
 * `single`.
 */
export function withOneFormat(given: QuantizerLike | null | undefined, place: Place, single: boolean): QuantizerLike {
  const config = resolveQuantizer(given, place);
  return single && config.qType !== 'dummy' ? { ...config, homogeneousAxis: null, heterogeneousAxis: [] } : config;
}

/**
 * Any function of one number by table: `oq(f(iq(x)))`, element by element (hgq2 §5.2). Function values are computed in
 * double precision, rounded to float32 and quantised; the lowered table holds exactly these values.
 * Costs 1e-4 · 2^(input bits) · output bits per element.
 *
 * The input quantizer addresses the table, so keep it narrow. By default it has one format per element and so one table
 * each: `allowHeterogeneousInput: false` shares one.
 *
 * @throws on an unknown function, or softmax (see `qSoftmax`).
 * @example
 * const y = qUnaryFunctionLUT({ activation: 'tanh', iqConf: { i0: 2, f0: 4 }, oqConf: { b0: 7, i0: 0 } }).apply(x);
 */
export function qUnaryFunctionLUT(args: QUnaryFunctionLUTArgs): QUnaryFunctionLUT {
  return new QUnaryFunctionLUT(args);
}
