import type * as tf from '@tensorflow/tfjs';
import { hardSigmoidConfig, hardTanhConfig } from '../config/hard-configs.ts';
import type { CostFunction, CostOperand } from '../ebops/operand.ts';
import { gruCost } from '../ebops/recurrent-cost.ts';
import { add, matMul, mul, reshape, split, sub } from '../ops/tf.ts';
import type { CallContext } from '../quantizer/call-context.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { type ActivationName, activationName, applyActivation } from './activation.ts';
import { names, type OptionNames } from './option-list.ts';
import { type QuantizerLike, quantizerConfigOf } from './q-layer.ts';
import { QRecurrent, type QRecurrentArgs, qRecurrentOptions, type RecurrentWeights } from './q-recurrent.ts';

/** Arguments of `qGRU`. */
export interface QGRUArgs extends QRecurrentArgs {
  /** Of the gates. Default linear: the quantizer `praqConf` is a hard sigmoid. */
  readonly recurrentActivation?: string | null;
  /** Whether the reset gate multiplies behind the recurrent kernel (default true) or in front of it. */
  readonly resetAfter?: boolean | null;
  /** Quantizer of the candidate, behind the activation; place `datalane`. Default `hardTanhConfig()`. */
  readonly paqConf?: QuantizerLike | null;
  /** Quantizer of the gates, behind the recurrent activation; place `datalane`. Default `hardSigmoidConfig()`. */
  readonly praqConf?: QuantizerLike | null;
  /** Quantizer of the recurrent part of the candidate; place `datalane`. */
  readonly rhqConf?: QuantizerLike | null;
}

/** Gated recurrent unit; see `qGRU`. */
export class QGRU extends QRecurrent {
  static readonly className = 'QGRU';
  static readonly options: OptionNames = names<QGRUArgs>('units', {
    ...qRecurrentOptions,
    recurrentActivation: 0,
    resetAfter: 0,
    paqConf: 0,
    praqConf: 0,
    rhqConf: 0,
  });
  readonly recurrentActivation: ActivationName;
  readonly resetAfter: boolean;
  readonly sq: Quantizer;
  readonly paq: Quantizer;
  readonly praq: Quantizer;
  readonly rhq: Quantizer;

  constructor(args: QGRUArgs) {
    super(args, 1);
    this.recurrentActivation = activationName(args.recurrentActivation, this.name);
    this.resetAfter = args.resetAfter ?? true;
    this.sq = this.quantizer('sq', args.sqConf, 'datalane');
    this.paq = this.quantizer('paq', args.paqConf ?? hardTanhConfig({ place: 'datalane' }), 'datalane');
    this.praq = this.quantizer('praq', args.praqConf ?? hardSigmoidConfig({ place: 'datalane' }), 'datalane');
    this.rhq = this.quantizer('rhq', args.rhqConf, 'datalane');
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      recurrentActivation: this.recurrentActivation,
      resetAfter: this.resetAfter,
      sqConf: quantizerConfigOf(this.sq),
      paqConf: quantizerConfigOf(this.paq),
      praqConf: quantizerConfigOf(this.praq),
      rhqConf: quantizerConfigOf(this.rhq),
    };
  }

  /** Update gate, reset gate, candidate. */
  protected override get gates(): number {
    return 3;
  }

  /** One bias for the input and, with `resetAfter`, one for the state. */
  protected override get biasShape(): readonly number[] {
    return this.resetAfter ? [2, 3 * this.units] : [3 * this.units];
  }

  protected override buildCell(): void {
    const state = [null, this.units];
    this.sq.build(state, this.variablesOf('sq'));
    this.paq.build(state, this.variablesOf('paq'));
    this.praq.build([null, 2 * this.units], this.variablesOf('praq'));
    this.rhq.build(state, this.variablesOf('rhq'));
  }

  protected override step(
    x: tf.Tensor2D,
    h: tf.Tensor2D,
    { kernel, recurrentKernel, bias }: RecurrentWeights,
    context: CallContext,
  ): tf.Tensor2D {
    const { units, resetAfter } = this;
    const parts = (y: tf.Tensor): [tf.Tensor, tf.Tensor] => split(y, [2 * units, units], -1) as [tf.Tensor, tf.Tensor];
    const [inputBias, stateBias] =
      bias == null || !resetAfter ? [bias] : split(bias, 2, 0).map((row) => reshape(row, [3 * units]));
    const withBias = (y: tf.Tensor, b: tf.Tensor | null | undefined): tf.Tensor => (b == null ? y : add(y, b));
    const state = this.sq.call(h, context) as tf.Tensor2D;
    const [inputGates, inputCandidate] = parts(withBias(matMul(x, kernel), inputBias));
    const [gateKernel, candidateKernel] = parts(recurrentKernel) as [tf.Tensor2D, tf.Tensor2D];
    const [stateGates, stateCandidate] = resetAfter
      ? parts(withBias(matMul(state, recurrentKernel), stateBias))
      : [matMul(state, gateKernel)];
    const gates = this.praq.call(applyActivation(this.recurrentActivation, add(inputGates, stateGates)), context);
    const [update, reset] = split(gates, 2, -1);
    const recurrent =
      stateCandidate == null
        ? matMul(this.rhq.call(mul(reset, state), context) as tf.Tensor2D, candidateKernel)
        : mul(reset, this.rhq.call(stateCandidate, context));
    const candidate = this.paq.call(applyActivation(this.activation, add(inputCandidate, recurrent)), context);
    return add(mul(update, state), mul(sub(1, update), candidate)) as tf.Tensor2D;
  }

  protected override innerQuantizers(): Readonly<Record<string, Quantizer | null>> {
    const { kq, rkq, bq, sq, paq, praq, rhq } = this;
    return { kq, rkq, bq, sq, paq, praq, rhq };
  }

  protected override costOperands(): readonly CostOperand[] {
    const { iq, kq, rkq, bq, sq, paq, praq, rhq, units } = this;
    if (iq == null) return [];
    const { inputs } = this.sequence;
    const operands = [
      { quantizer: iq, shape: [1, inputs] },
      { quantizer: kq, shape: [inputs, 3 * units] },
      { quantizer: sq, shape: [1, units] },
      { quantizer: rkq, shape: [units, 3 * units] },
      { quantizer: praq, shape: [1, 2 * units] },
      { quantizer: rhq, shape: [1, units] },
      { quantizer: paq, shape: [1, units] },
    ];
    return bq == null ? operands : [...operands, { quantizer: bq, shape: this.biasShape }];
  }

  protected override costFunction(): CostFunction {
    const { units, resetAfter } = this;
    return gruCost({ inputs: this.sequence.inputs, units, resetAfter, parallelizationFactor: this.stepsAtOnce });
  }
}

/**
 * Quantised gated recurrent unit (hgq2 §5.6), `[batch, steps, features] → [batch, units]`, or all steps with
 * `returnSequences`, from a state of zeros. With `g = iq(x) · kq(kernel) + bias`, `r = sq(h) · rkq(recurrentKernel) +
 * bias`: the gates are `(z, r) = praq(recurrentActivation(g + r))`, the candidate `c = paq(activation(g + r · rhq(r)))`
 * (with `resetAfter: false` the kernel works on `rhq(r · sq(h))`), and the next state is `z · sq(h) + (1 − z) · c`.
 *
 * In firmware the sequence is unrolled, so its length is fixed. Any activation but linear and relu becomes a table there,
 * which needs sums of at most 16 bits: prefer the defaults, whose quantizers are a hard sigmoid and a hard tanh. EBOPs
 * are those of one step times `parallelizationFactor` (default 1).
 *
 * @throws if the length of the sequence is not fixed, or a start state is given
 * @example
 * const y = qGRU({ units: 8 }).apply(sequence);
 */
export function qGRU(args: QGRUArgs): QGRU {
  return new QGRU(args);
}
