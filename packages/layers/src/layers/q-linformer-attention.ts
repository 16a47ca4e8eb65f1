import type * as tf from '@tensorflow/tfjs';
import type { CallContext } from '../quantizer/call-context.ts';
import { attentionOptions, type QMultiHeadAttentionArgs } from './attention-args.ts';
import { positionProjection } from './attention-equations.ts';
import { knownOptions } from './known-options.ts';
import { names, type OptionNames, without } from './option-list.ts';
import type { QEinsumDense } from './q-einsum-dense.ts';
import type { QLayer, Shape } from './q-layer.ts';
import { called, QMultiHeadAttention, type Three } from './q-multi-head-attention.ts';

/** Arguments of `qLinformerAttention`. */
export interface QLinformerAttentionArgs extends Omit<QMultiHeadAttentionArgs, 'fuse' | 'useCausalMask'> {
  /** To how many positions keys and values are projected: one number for each of the attention axes. */
  readonly linKvProjDim: number | readonly number[];
  /** Project keys and values with one kernel; they must have the same shape. Default false. */
  readonly shareKvProj?: boolean | null;
  /** Quantise the inputs of these projections. Default: as `enableIq`. */
  readonly linEnableIq?: boolean | null;
  /** Quantise their outputs. Default false. */
  readonly linEnableOq?: boolean | null;
}

/** Attention to projected positions; see `qLinformerAttention`. */
export class QLinformerAttention extends QMultiHeadAttention {
  static override readonly className = 'QLinformerAttention';
  static override readonly options: OptionNames = names<QLinformerAttentionArgs>('numHeads', {
    ...without(attentionOptions, 'fuse', 'useCausalMask'),
    linKvProjDim: 0,
    shareKvProj: 0,
    linEnableIq: 0,
    linEnableOq: 0,
  });
  readonly linKvProjDim: readonly number[];
  readonly shareKvProj: boolean;
  readonly linEnableIq: boolean;
  readonly linEnableOq: boolean;
  private linear: { readonly key: QEinsumDense; readonly value: QEinsumDense } | null = null;

  constructor(given: QLinformerAttentionArgs) {
    const args = knownOptions(given, new.target);
    super(args);
    this.linKvProjDim = [args.linKvProjDim ?? []].flat();
    if (this.linKvProjDim.length === 0 || this.linKvProjDim.some((size) => !Number.isInteger(size) || size < 1)) {
      const shown = JSON.stringify(args.linKvProjDim);
      throw this.problem('linKvProjDim', args.linKvProjDim, `linKvProjDim = ${shown}; expected whole numbers ≥ 1`);
    }
    this.shareKvProj = args.shareKvProj ?? false;
    this.linEnableIq = args.linEnableIq ?? this.enableIq;
    this.linEnableOq = args.linEnableOq ?? false;
  }

  /** The projections of the positions of keys and values, one layer if they share it. Known after the layer was built. */
  get positionParts(): Readonly<Record<'key' | 'value', QEinsumDense>> | null {
    return this.linear;
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { fuse: _, useCausalMask: __, ...config } = super.getConfig();
    const { shareKvProj, linEnableIq, linEnableOq } = this;
    return { ...config, linKvProjDim: [...this.linKvProjDim], shareKvProj, linEnableIq, linEnableOq };
  }

  protected override projected([query, value, key]: Three<Shape>): Three<Shape> {
    const axes = this.axesOf(query.length);
    if (axes.length !== this.linKvProjDim.length) {
      throw this.problem(
        'linKvProjDim',
        this.linKvProjDim,
        `linKvProjDim has ${this.linKvProjDim.length} numbers for ${axes.length} attention axes; expected one for each`,
      );
    }
    if (this.shareKvProj && value.join() !== key.join()) {
      throw this.problem(
        'shareKvProj',
        true,
        `shareKvProj with a value [${value}] and a key [${key}]; expected one shape`,
      );
    }
    const after = (shape: Shape): Shape =>
      shape.map((extent, axis) => (axes.includes(axis) ? this.linKvProjDim[axes.indexOf(axis)] : extent));
    const part = (role: string, shape: Shape): QEinsumDense => {
      const made = this.projection(role, {
        equation: positionProjection(query.length, axes),
        outputShape: after(shape).slice(1),
        biasAxes: null,
        enableIq: this.linEnableIq,
        enableOq: this.linEnableOq,
      });
      made.build(shape);
      return made;
    };
    const first = part('lin_k_proj', key);
    this.linear = { key: first, value: this.shareKvProj ? first : part('lin_v_proj', value) };
    return [query, after(value), after(key)];
  }

  protected override project([query, value, key]: Three<tf.Tensor>, context: CallContext): Three<tf.Tensor> {
    if (this.linear == null) return [query, value, key];
    const keys = called(this.linear.key, [key], context);
    const same = this.shareKvProj && value === key;
    return [query, same ? keys : called(this.linear.value, [value], context), keys];
  }

  protected override firstReaders(): Readonly<Record<'query' | 'value' | 'key', QEinsumDense>> {
    return { ...this.parts, ...this.linear };
  }

  protected override allParts(): ReadonlyMap<string, QLayer> {
    const { key, value } = this.linear ?? {};
    const linear: [string, QLayer][] = key == null || value == null ? [] : [['lin_k_proj', key]];
    if (value != null && value !== key) linear.push(['lin_v_proj', value]);
    return new Map([...linear, ...super.allParts()]);
  }
}

/**
 * `qMultiHeadAttention` whose keys and values are first projected along their positions to `linKvProjDim` of them (hgq2
 * §5.3), so that its cost grows with the length of the sequence, not with its square.
 *
 * EBOPs are those of the whole layer; the reference reads out the new projections and the sums of products only. A
 * shared projection is counted once.
 *
 * @throws as `qMultiHeadAttention`, and when the numbers of projected positions do not fit the attention axes
 * @example
 * const y = qLinformerAttention({ numHeads: 2, keyDim: 4, linKvProjDim: 3 }).apply(tokens);
 */
export function qLinformerAttention(args: QLinformerAttentionArgs): QLinformerAttention {
  return new QLinformerAttention(args);
}
