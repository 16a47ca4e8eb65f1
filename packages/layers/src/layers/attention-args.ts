import { type Names, without } from './option-list.ts';
import { type QLayerArgs, type QuantizerLike, qLayerOptions } from './q-layer.ts';
import { type WeightArgs, weightOptions } from './weight-settings.ts';

/** Which projections share one input quantizer: none, those of key and value, or all three. */
export type AttentionFuse = 'none' | 'kv' | 'qkv';

/** Arguments of `qMultiHeadAttention`. */
export interface QMultiHeadAttentionArgs extends Omit<QLayerArgs, 'iqConf'>, WeightArgs {
  readonly numHeads: number;
  /** Features of a query and of a key in one head. */
  readonly keyDim: number;
  /** Features of a value in one head. Default `keyDim`. */
  readonly valueDim?: number | null;
  /** Biases of query, value and output; keys have none, a softmax would not see it. Default true. */
  readonly useBias?: boolean | null;
  /** Features of the result. Default: those of the query. */
  readonly outputShape?: number | readonly number[] | null;
  /** Positions attended to, counted with the batch as 0. Default: all axes between batch and features. */
  readonly attentionAxes?: number | readonly number[] | null;
  /** A position sees itself and those before it only. Default false. */
  readonly useCausalMask?: boolean | null;
  /** Default `'none'`. */
  readonly fuse?: AttentionFuse | null;
  /** Input quantizers of all projections; place `datalane`. */
  readonly qkvoIqConf?: QuantizerLike | null;
  /** Kernel quantizers of all projections; place `weight`. */
  readonly qkvoKqConf?: QuantizerLike | null;
  /** Bias quantizers of all projections; place `bias`. */
  readonly qkvoBqConf?: QuantizerLike | null;
  /** Quantizers of queries, keys and values; place `datalane`. */
  readonly qkvoOqConf?: QuantizerLike | null;
  /** Quantizer of the exponential's input; place `datalane`. Default saturates. */
  readonly softmaxExpIqConf?: QuantizerLike | null;
  /** Quantizer of the exponential; place `table`. */
  readonly softmaxExpOqConf?: QuantizerLike | null;
  /** Quantizer of the inverse's input; place `datalane`. */
  readonly softmaxInvIqConf?: QuantizerLike | null;
  /** Quantizer of the inverse; place `table`. */
  readonly softmaxInvOqConf?: QuantizerLike | null;
  /** Quantizer of the weights; place `datalane`. */
  readonly softmaxOqConf?: QuantizerLike | null;
  /** Subtract the largest score first. Default true. */
  readonly stableSoftmax?: boolean | null;
  /** Tables of the softmax may have a format per element. Default false. */
  readonly softmaxAllowHeterogeneousTable?: boolean | null;
  /** How many positions are computed at once; scales the EBOPs. Default −1: all. */
  readonly parallelizationFactor?: number | null;
}

/** Their names. */
export const attentionOptions: Names<QMultiHeadAttentionArgs> = {
  ...without(qLayerOptions, 'iqConf'),
  ...weightOptions,
  numHeads: 0,
  keyDim: 0,
  valueDim: 0,
  useBias: 0,
  outputShape: 0,
  attentionAxes: 0,
  useCausalMask: 0,
  fuse: 0,
  qkvoIqConf: 0,
  qkvoKqConf: 0,
  qkvoBqConf: 0,
  qkvoOqConf: 0,
  softmaxExpIqConf: 0,
  softmaxExpOqConf: 0,
  softmaxInvIqConf: 0,
  softmaxInvOqConf: 0,
  softmaxOqConf: 0,
  stableSoftmax: 0,
  softmaxAllowHeterogeneousTable: 0,
  parallelizationFactor: 0,
};
