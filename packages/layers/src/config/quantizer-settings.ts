import type { OverflowMode, RoundMode } from '@sp/quant';
import type { Constraint } from '../quantizer/constraint.ts';

/** Parametrisation of a quantizer: width + integer bits, integer + fraction bits, minifloat (experimental), or none at all. */
export type QuantizerType = 'kbi' | 'kif' | 'float' | 'dummy';

/** What a quantizer is used on; decides its defaults. */
export type Place = 'weight' | 'bias' | 'table' | 'datalane';

/** Settings of a fixed-point quantizer. Bit variables: `i` and, by type, `b` (kbi) or `f` (kif). */
export interface FixedPointParameters {
  /** Keep-negative flag: whether the format has a sign bit. Under WRAP, tracing replaces it by what it sees. */
  readonly k0: boolean;
  /** Initial bits without sign (kbi only). */
  readonly b0?: number;
  /** Initial integer bits without sign. */
  readonly i0: number;
  /** Initial fraction bits (kif only). */
  readonly f0?: number;
  readonly roundMode: RoundMode;
  readonly overflowMode: OverflowMode;
  /** Constraint on `b` (kbi only). */
  readonly bc?: Constraint | null;
  /** Constraint on `i`. */
  readonly ic: Constraint | null;
  /** Constraint on `f` (kif only). */
  readonly fc?: Constraint | null;
  /** MonoL1 strength on `b` (kbi only): adds `br · Σ b` to the loss. */
  readonly br?: number;
  /** MonoL1 strength on `i`; without effect under WRAP, where `i` is not trained. */
  readonly ir: number;
  /** MonoL1 strength on `f` (kif only). */
  readonly fr?: number;
  /** WRAP: how much `i` may shrink per training step; `Infinity` = follow each batch. */
  readonly iDecaySpeed: number;
  /** Axes that share one format, batch axis included; the others have one format per position. */
  readonly homogeneousAxis: readonly number[] | null;
  /** Axes with one format per position; the others share. Exactly one of the two lists is given. */
  readonly heterogeneousAxis: readonly number[] | null;
  /** Whether bit widths are trained (and, under WRAP, ranges followed). */
  readonly trainable: boolean;
  /** Weights under WRAP are only rounded in inference, their range being known. */
  readonly isWeight: boolean;
  /**
   * WRAP_SM: whether the repetition of the range that a value lies in, so whether it is mirrored, is told before rounding,
   * as HGQ2 and AMD's headers do: what rounds up into the next repetition is mirrored as if it had not. Set on import;
   * default false, AMD's documented order: round, then mirror.
   */
  readonly foldsBeforeCarry?: boolean;
  /** `y = scaler · q(x / scaler)`. */
  readonly scaler: number | null;
  /** `[a, c]`: the output becomes `a · q(x) + c`. */
  readonly affine: readonly [number, number] | null;
  /** In training the output is `x + qnoiseFactor · (q(x) − x)`. */
  readonly qnoiseFactor: number | null;
}

/** Complete, immutable settings of a fixed-point quantizer. */
export interface FixedQuantizerConfig extends FixedPointParameters {
  readonly qType: 'kbi' | 'kif';
  readonly place: Place;
}

/** Settings of a minifloat quantizer (experimental). Bit variables: `m`, `e` and `e0`, all trained. */
export interface FloatParameters {
  /** Initial mantissa bits without sign. */
  readonly m0: number;
  /** Initial exponent bits. */
  readonly e0: number;
  /** Initial exponent offset. */
  readonly e00: number;
  /** Constraint on `m`. */
  readonly mc: Constraint | null;
  /** Constraint on `e`. */
  readonly ec: Constraint | null;
  /** Constraint on `e0`. */
  readonly e0c: Constraint | null;
  /** MonoL1 strength on `m`. */
  readonly mr: number;
  /** MonoL1 strength on `e`. */
  readonly er: number;
  /** MonoL1 strength on `e0`. */
  readonly e0r: number;
  /** As in `FixedPointParameters`, and so on. */
  readonly homogeneousAxis: readonly number[] | null;
  readonly heterogeneousAxis: readonly number[] | null;
  readonly trainable: boolean;
  readonly scaler: number | null;
  readonly affine: readonly [number, number] | null;
  readonly qnoiseFactor: number | null;
}

/** Complete, immutable settings of a minifloat quantizer (experimental). */
export interface FloatQuantizerConfig extends FloatParameters {
  readonly qType: 'float';
  readonly place: Place;
}

/** A quantizer that passes its input unchanged and costs nothing. */
export interface DummyQuantizerConfig {
  readonly qType: 'dummy';
  readonly place: Place;
}

/** Complete, immutable settings of a quantizer, as made by `quantizerConfig`. */
export type QuantizerConfig = FixedQuantizerConfig | FloatQuantizerConfig | DummyQuantizerConfig;

/** What a user may set; everything else comes from the scopes around the call and the library's defaults. */
export type QuantizerOptions = {
  /** Default `'default'`: what the place uses by default (weight, bias, table: kbi; datalane: kif). */
  readonly qType?: QuantizerType | 'default';
  /** Default `'datalane'`. */
  readonly place?: Place;
} & { readonly [Name in keyof AllParameters]?: AllParameters[Name] | undefined };

/** Parameters of all types of quantizers; each type knows its own. */
export type AllParameters = FixedPointParameters & FloatParameters;
