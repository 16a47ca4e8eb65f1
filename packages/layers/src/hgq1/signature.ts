import { formatTable, sizeOf } from '@sp/quant';
import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { knownOptions } from '../layers/known-options.ts';
import type { LayerArgs } from '../layers/layer-args.ts';
import { base, names, type OptionNames } from '../layers/option-list.ts';
import type { Shape } from '../layers/q-layer.ts';
import { type Lowered, type LowerScope, requireValue } from '../lower/lowered.ts';
import type { SelfLowering } from '../lower/self-lowering.ts';

/** One number, or one per element of the input, nested or flat. */
export type PerElement = number | boolean | readonly unknown[];

/** Arguments of `signature`. */
export interface SignatureArgs extends LayerArgs {
  readonly keepNegative: PerElement;
  /** Width, sign included. */
  readonly bits: PerElement;
  /** Integer bits, sign included. */
  readonly intBits: PerElement;
}

/** HGQ v1's `Signature`: says of which format the input already is (hgq1 §2.3). */
export class Signature extends tf.layers.Layer implements SelfLowering {
  static readonly className = 'HSignature';
  static readonly options: OptionNames = names<SignatureArgs>(
    'keepNegative',
    { ...base, keepNegative: 0, bits: 0, intBits: 0 },
    'signature',
  );
  private readonly args: SignatureArgs;

  constructor(args: SignatureArgs) {
    super(knownOptions(args, new.target));
    this.args = args;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return [inputs].flat()[0].clone();
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { keepNegative, bits, intBits } = this.args;
    return { ...super.getConfig(), keepNegative, bits, intBits } as tf.serialization.ConfigDict;
  }

  /** `[1, …]` shape of the data. */
  get bitsShape(): readonly number[] {
    return [1, ...((this.outputShape as Shape).slice(1) as number[])];
  }

  /** Widths over `bitsShape`. */
  widths(): Float32Array {
    return Float32Array.from(this.spread('bits'));
  }

  lowerInto(scope: LowerScope, [input]: readonly Lowered[]): readonly Lowered[] {
    const [k, b, whole] = (['keepNegative', 'bits', 'intBits'] as const).map((name) => this.spread(name));
    const format = formatTable(this.bitsShape.slice(1), {
      k: k.map((sign, j) => (b[j] > 0 ? sign : 0)),
      i: whole.map((bits, j) => (b[j] > 0 ? bits - k[j] : 0)),
      f: b.map((width, j) => (width > 0 ? width - whole[j] : 0)),
    });
    const modes = { round: 'TRN', overflow: scope.overflow } as const;
    if (input.kind === 'open') return [scope.input(input, format, modes)];
    const { node } = requireValue(input, this.name);
    return [
      {
        kind: 'value',
        node: scope.graph.requantize(`${this.name}.quantizer`, node, { to: format, ...modes, layer: this.name }),
      },
    ];
  }

  private spread(name: 'keepNegative' | 'bits' | 'intBits'): number[] {
    const list = [this.args[name]].flat(9 as 1).map(Number);
    const size = sizeOf(this.bitsShape);
    if (list.length === 1) return new Array<number>(size).fill(list[0]);
    if (list.length === size) return list;
    throw new LayerError(`Layer '${this.name}': ${name} has ${list.length} entries; expected 1 or ${size}.`, {
      option: name,
    });
  }
}

/** HGQ v1's `Signature`: the input is on this grid already. */
export const signature = (args: SignatureArgs): Signature => new Signature(args);
