/** Scale in front of the codes: none, a number, or computed from the data (per channel) at every call. */
export type Alpha = number | 'auto' | 'auto_po2' | null;

interface AutoScale {
  readonly alpha: Alpha;
  /** Axis with a scale of its own; null: the last. */
  readonly scaleAxis: number | null;
  /** Smallest and largest exponent of an `auto_po2` scale; null: no limit. */
  readonly minPo2Exponent: number | null;
  readonly maxPo2Exponent: number | null;
}

interface Noisy {
  /** Part of the quantisation error that is applied: 0 none, 1 all of it. */
  readonly qnoiseFactor: number;
}

interface Stochastic {
  /** Random rounding while training. */
  readonly useStochasticRounding: boolean;
}

/** `quantized_bits`: fixed point, saturating; gradient 1 everywhere. */
export interface QuantizedBits extends AutoScale, Noisy, Stochastic {
  readonly name: 'quantized_bits';
  readonly bits: number;
  /** Integer bits without the sign. */
  readonly integer: number;
  readonly symmetric: boolean;
  readonly keepNegative: boolean;
  readonly useSte: boolean;
}

/** `quantized_linear`: as `quantized_bits`, gradient 0 outside the range. */
export interface QuantizedLinear extends Noisy, Stochastic {
  readonly name: 'quantized_linear';
  readonly bits: number;
  readonly integer: number;
  readonly symmetric: boolean;
  readonly keepNegative: boolean;
  readonly alpha: Alpha;
  readonly scaleAxis: number | null;
}

/** `quantized_relu`. */
export interface QuantizedRelu extends Noisy, Stochastic {
  readonly name: 'quantized_relu';
  readonly bits: number;
  readonly integer: number;
  readonly useSigmoid: boolean;
  /** 0 or a power of two. */
  readonly negativeSlope: number;
  readonly reluUpperBound: number | null;
  readonly isQuantizedClip: boolean;
  readonly useSte: boolean;
}

/** `quantized_ulaw`: μ-law companding. */
export interface QuantizedUlaw {
  readonly name: 'quantized_ulaw';
  readonly bits: number;
  readonly integer: number;
  readonly symmetric: boolean;
  readonly u: number;
}

/** `quantized_tanh`. */
export interface QuantizedTanh extends Stochastic {
  readonly name: 'quantized_tanh';
  readonly bits: number;
  readonly symmetric: boolean;
  readonly useRealTanh: boolean;
}

/** `quantized_sigmoid`. */
export interface QuantizedSigmoid extends Stochastic {
  readonly name: 'quantized_sigmoid';
  readonly bits: number;
  readonly symmetric: boolean;
  readonly useRealSigmoid: boolean;
}

/** `quantized_po2`: signed powers of two, never 0. */
export interface QuantizedPo2 extends Noisy, Stochastic {
  readonly name: 'quantized_po2';
  readonly bits: number;
  readonly maxValue: number | null;
  readonly quadraticApproximation: boolean;
  readonly log2Rounding: 'rnd' | 'floor';
  readonly useSte: boolean;
}

/** `quantized_relu_po2`. */
export interface QuantizedReluPo2 extends Noisy, Stochastic {
  readonly name: 'quantized_relu_po2';
  readonly bits: number;
  readonly maxValue: number | null;
  readonly negativeSlope: number;
  readonly quadraticApproximation: boolean;
  readonly log2Rounding: 'rnd' | 'floor';
  readonly useSte: boolean;
}

/** `binary`: ±1, or 0 and 1. */
export interface Binary extends AutoScale, Stochastic {
  readonly name: 'binary';
  readonly use01: boolean;
}

/** `ternary`: −1, 0, 1. */
export interface Ternary extends Stochastic {
  readonly name: 'ternary';
  readonly alpha: Alpha;
  readonly threshold: number | null;
  readonly numberOfUnrolls: number;
}

/** `stochastic_binary`: sampled while training. */
export interface StochasticBinary {
  readonly name: 'stochastic_binary';
  readonly alpha: Alpha;
  readonly temperature: number;
  readonly useRealSigmoid: boolean;
}

/** `stochastic_ternary`: sampled while training. */
export interface StochasticTernary {
  readonly name: 'stochastic_ternary';
  readonly alpha: Alpha;
  readonly threshold: number | null;
  readonly temperature: number;
  readonly useRealSigmoid: boolean;
  readonly numberOfUnrolls: number;
}

/** `bernoulli`: 0 or 1, sampled always. */
export interface Bernoulli {
  readonly name: 'bernoulli';
  readonly alpha: Alpha;
  readonly temperature: number;
  readonly useRealSigmoid: boolean;
}

/** `quantized_hswish`: `quantized_bits` of the hard swish. */
export interface QuantizedHswish extends Noisy, Stochastic {
  readonly name: 'quantized_hswish';
  readonly bits: number;
  readonly integer: number;
  readonly symmetric: boolean;
  readonly alpha: Alpha;
  readonly scaleAxis: number | null;
  readonly reluShift: number;
  readonly reluUpperBound: number;
}

/** Functions QKeras knows by name alone. */
export interface NamedFunction {
  readonly name: 'hard_sigmoid' | 'smooth_sigmoid' | 'hard_tanh' | 'smooth_tanh' | 'binary_sigmoid' | 'binary_tanh';
}

/** A QKeras quantizer as plain data (hgq1 §5.2). */
export type QKerasQuantizer =
  | QuantizedBits
  | QuantizedLinear
  | QuantizedRelu
  | QuantizedUlaw
  | QuantizedTanh
  | QuantizedSigmoid
  | QuantizedPo2
  | QuantizedReluPo2
  | Binary
  | Ternary
  | StochasticBinary
  | StochasticTernary
  | Bernoulli
  | QuantizedHswish
  | NamedFunction;

/** Name of a QKeras quantizer. */
export type QuantizerName = QKerasQuantizer['name'];

/** What may stand in a quantizer's string or configuration. */
export type QuantizerValue = number | string | boolean | null;

/** One parameter: its Python name, and its value when it is not given. */
export interface Parameter {
  readonly python: string;
  readonly key: string;
  readonly initial: QuantizerValue;
  /** A setting that changes nothing we compute, or that we refuse unless it has its default. */
  readonly role?: 'ignored' | 'refused';
}

const p = (python: string, initial: QuantizerValue, role?: Parameter['role']): Parameter => ({
  python,
  key: python.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
  initial,
  ...(role == null ? {} : { role }),
});

const po2Limits = [p('elements_per_scale', null, 'refused'), p('min_po2_exponent', null), p('max_po2_exponent', null)];

/** Parameters of all quantizers in the order of their Python signatures. */
export const quantizerParameters: Readonly<Record<QuantizerName, readonly Parameter[]>> = {
  quantized_bits: [
    p('bits', 8),
    p('integer', 0),
    p('symmetric', false),
    p('keep_negative', true),
    p('alpha', null),
    p('use_stochastic_rounding', false),
    p('scale_axis', null),
    p('qnoise_factor', 1),
    p('var_name', null, 'ignored'),
    p('use_ste', true),
    p('use_variables', false, 'ignored'),
    ...po2Limits,
    p('post_training_scale', null, 'refused'),
  ],
  quantized_linear: [
    p('bits', 8),
    p('integer', 0),
    p('symmetric', true),
    p('keep_negative', true),
    p('alpha', null),
    p('use_stochastic_rounding', false),
    p('scale_axis', null),
    p('qnoise_factor', 1),
    p('var_name', null, 'ignored'),
    p('use_variables', false, 'ignored'),
  ],
  quantized_relu: [
    p('bits', 8),
    p('integer', 0),
    p('use_sigmoid', false),
    p('negative_slope', 0),
    p('use_stochastic_rounding', false),
    p('relu_upper_bound', null),
    p('is_quantized_clip', true),
    p('qnoise_factor', 1),
    p('var_name', null, 'ignored'),
    p('use_ste', true),
    p('use_variables', false, 'ignored'),
    p('enable_fast_inference', false, 'ignored'),
  ],
  quantized_ulaw: [p('bits', 8), p('integer', 0), p('symmetric', false), p('u', 255)],
  quantized_tanh: [p('bits', 8), p('use_stochastic_rounding', false), p('symmetric', false), p('use_real_tanh', false)],
  quantized_sigmoid: [
    p('bits', 8),
    p('symmetric', false),
    p('use_real_sigmoid', false),
    p('use_stochastic_rounding', false),
  ],
  quantized_po2: [
    p('bits', 8),
    p('max_value', null),
    p('use_stochastic_rounding', false),
    p('quadratic_approximation', false),
    p('log2_rounding', 'rnd'),
    p('qnoise_factor', 1),
    p('var_name', null, 'ignored'),
    p('use_ste', true),
    p('use_variables', false, 'ignored'),
  ],
  quantized_relu_po2: [
    p('bits', 8),
    p('max_value', null),
    p('negative_slope', 0),
    p('use_stochastic_rounding', false),
    p('quadratic_approximation', false),
    p('log2_rounding', 'rnd'),
    p('qnoise_factor', 1),
    p('var_name', null, 'ignored'),
    p('use_ste', true),
    p('use_variables', false, 'ignored'),
  ],
  binary: [
    p('use_01', false),
    p('alpha', null),
    p('use_stochastic_rounding', false),
    p('scale_axis', null),
    ...po2Limits,
  ],
  ternary: [p('alpha', null), p('threshold', null), p('use_stochastic_rounding', false), p('number_of_unrolls', 5)],
  stochastic_binary: [p('alpha', null), p('temperature', 6), p('use_real_sigmoid', true)],
  stochastic_ternary: [
    p('alpha', null),
    p('threshold', null),
    p('temperature', 8),
    p('use_real_sigmoid', true),
    p('number_of_unrolls', 5),
  ],
  bernoulli: [p('alpha', null), p('temperature', 6), p('use_real_sigmoid', true)],
  quantized_hswish: [
    p('bits', 8),
    p('integer', 0),
    p('symmetric', false),
    p('alpha', null),
    p('use_stochastic_rounding', false),
    p('scale_axis', null),
    p('qnoise_factor', 1),
    p('var_name', null, 'ignored'),
    p('use_variables', false, 'ignored'),
    p('relu_shift', 3),
    p('relu_upper_bound', 6),
  ],
  hard_sigmoid: [],
  smooth_sigmoid: [],
  hard_tanh: [],
  smooth_tanh: [],
  binary_sigmoid: [],
  binary_tanh: [],
};
