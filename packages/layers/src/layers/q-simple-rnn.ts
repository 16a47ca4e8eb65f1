import type * as tf from '@tensorflow/tfjs';
import { hardTanhConfig } from '../config/hard-configs.ts';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { simpleRnnCost } from '../ebops/recurrent-cost.ts';
import { add, matMul } from '../ops/tf.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { applyActivation } from './activation.ts';
import { names, type OptionNames } from './option-list.ts';
import { allPositions, type QuantizerLike, quantizerConfigOf } from './q-layer.ts';
import { QRecurrent, type QRecurrentArgs, qRecurrentOptions, type RecurrentWeights } from './q-recurrent.ts';

/** Arguments of `qSimpleRNN`. */
export interface QSimpleRNNArgs extends QRecurrentArgs {
  /** Quantise the state in front of the recurrent kernel. Default false: it comes out of `paqConf`. */
  readonly enableSq?: boolean | null;
  /** Quantizer in front of the activation; place `datalane`. Default `hardTanhConfig()`. */
  readonly paqConf?: QuantizerLike | null;
}

/** Fully connected recurrence; see `qSimpleRNN`. */
export class QSimpleRNN extends QRecurrent {
  static readonly className = 'QSimpleRNN';
  static readonly options: OptionNames = names<QSimpleRNNArgs>('units', {
    ...qRecurrentOptions,
    enableSq: 0,
    paqConf: 0,
  });
  readonly enableSq: boolean;
  readonly sq: Quantizer | null;
  readonly paq: Quantizer;

  constructor(args: QSimpleRNNArgs) {
    super(args, allPositions);
    this.enableSq = args.enableSq ?? false;
    this.sq = this.enableSq ? this.quantizer('sq', args.sqConf, 'datalane') : null;
    this.paq = this.quantizer('paq', args.paqConf ?? hardTanhConfig({ place: 'datalane' }), 'datalane');
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      enableSq: this.enableSq,
      sqConf: quantizerConfigOf(this.sq),
      paqConf: quantizerConfigOf(this.paq),
    };
  }

  protected override get gates(): number {
    return 1;
  }

  protected override get biasShape(): readonly number[] {
    return [this.units];
  }

  protected override buildCell(): void {
    this.sq?.build([null, this.units], this.variablesOf('sq'));
    this.paq.build([null, this.units], this.variablesOf('paq'));
  }

  protected override step(
    x: tf.Tensor2D,
    h: tf.Tensor2D,
    { kernel, recurrentKernel, bias }: RecurrentWeights,
    context: CallContext,
  ): tf.Tensor2D {
    const state = this.sq == null ? h : (this.sq.call(h, context) as tf.Tensor2D);
    let y: tf.Tensor = matMul(x, kernel);
    if (bias != null) y = add(y, bias);
    y = add(y, matMul(state, recurrentKernel));
    return applyActivation(this.activation, this.paq.call(y, context)) as tf.Tensor2D;
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    const { kq, rkq, bq, sq, paq } = this;
    return { kq, rkq, bq, sq, paq };
  }

  protected override costOperands(): readonly CostOperand[] {
    const { iq, kq, rkq, bq, units } = this;
    if (iq == null) return [];
    const { steps, inputs } = this.sequence;
    const operands = [
      { quantizer: iq, shape: [steps, inputs] },
      { quantizer: kq, shape: [inputs, units] },
      { quantizer: this.sq ?? this.paq, shape: [1, units] },
      { quantizer: rkq, shape: [units, units] },
    ];
    return bq == null ? operands : [...operands, { quantizer: bq, shape: [units] }];
  }

  protected override costFunction(): CostFunction {
    return simpleRnnCost({ ...this.sequence, units: this.units, parallelizationFactor: this.stepsAtOnce });
  }
}

/**
 * Quantised fully connected recurrence (hgq2 §5.6), `[batch, steps, features] → [batch, units]`, or all steps with
 * `returnSequences`: `h = activation(paq(iq(x) · kq(kernel) + bq(bias) + sq(h) · rkq(recurrentKernel)))` from a state of
 * zeros; without `enableSq` the state goes in as it came out. An output quantizer acts on what the layer returns, not on
 * the state.
 *
 * In firmware the sequence is unrolled, so its length is fixed. Any activation but linear and relu needs `enableSq` there:
 * a table gives the next state. EBOPs as the reference counts them: input products of all steps, times
 * `parallelizationFactor` (default −1: the number of steps).
 *
 * @throws if the length of the sequence is not fixed, or a start state is given
 * @example
 * const y = qSimpleRNN({ units: 8, returnSequences: true }).apply(sequence);
 */
export function qSimpleRNN(args: QSimpleRNNArgs): QSimpleRNN {
  return new QSimpleRNN(args);
}
