import { clip } from '@sp/quant/numeric';
import { LayerError } from '../layer-error.ts';
import type { UnaryFunction } from '../ops/unary-function.ts';

const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
const sigmoidSlope = (x: number): number => sigmoid(x) * (1 - sigmoid(x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const tanhSlope = (x: number): number => 1 - Math.tanh(x) ** 2;

const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

/**
 * Distribution function of the standard normal distribution, to double precision: the series of erf near 0, the
 * continued fraction of erfc in the tails.
 */
function normal(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let n = 1; Math.abs(term) > 1e-18 * sum; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return 0.5 + (Math.sign(x) * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 80; n > 0; n--) fraction = n / 2 / (z + fraction);
  const tail = Math.exp(-z * z) / (z + fraction) / Math.sqrt(Math.PI) / 2;
  return x < 0 ? tail : 1 - tail;
}

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** The tanh form of gelu, Keras' `gelu(approximate=True)`. */
const geluInner = (x: number): number => Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
const geluInnerSlope = (x: number): number => Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);

const exponential: UnaryFunction = { value: Math.exp, slope: Math.exp };
const swish: UnaryFunction = {
  value: (x) => x * sigmoid(x),
  slope: (x) => sigmoid(x) + x * sigmoidSlope(x),
};

const hardSilu: UnaryFunction = {
  value: (x) => x * clip(x / 6 + 0.5, 0, 1),
  slope: (x) => (x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5),
};

/** Names as in Keras 3, in camel case, with its defaults; `exp`, `swish`, `square`, `sin`, `cos` besides. */
const functions = new Map<string, UnaryFunction>(
  Object.entries({
    linear: { value: (x: number) => x, slope: () => 1 },
    relu: { value: (x: number) => Math.max(x, 0), slope: (x: number) => (x > 0 ? 1 : 0) },
    relu6: { value: (x: number) => clip(x, 0, 6), slope: (x: number) => (x > 0 && x < 6 ? 1 : 0) },
    // Keras 3: slope 1/6.
    hardSigmoid: {
      value: (x: number) => clip(x / 6 + 0.5, 0, 1),
      slope: (x: number) => (Math.abs(x) < 3 ? 1 / 6 : 0),
    },
    sigmoid: { value: sigmoid, slope: sigmoidSlope },
    tanh: { value: Math.tanh, slope: tanhSlope },
    exp: exponential,
    exponential,
    softplus: { value: softplus, slope: sigmoid },
    softsign: { value: (x: number) => x / (1 + Math.abs(x)), slope: (x: number) => 1 / (1 + Math.abs(x)) ** 2 },
    elu: { value: (x: number) => (x > 0 ? x : Math.expm1(x)), slope: (x: number) => (x > 0 ? 1 : Math.exp(x)) },
    selu: {
      value: (x: number) => seluScale * (x > 0 ? x : seluAlpha * Math.expm1(x)),
      slope: (x: number) => seluScale * (x > 0 ? 1 : seluAlpha * Math.exp(x)),
    },
    swish,
    silu: swish,
    hardSilu,
    hardTanh: { value: (x: number) => clip(x, -1, 1), slope: (x: number) => (Math.abs(x) < 1 ? 1 : 0) },
    leakyRelu: { value: (x: number) => (x > 0 ? x : 0.2 * x), slope: (x: number) => (x > 0 ? 1 : 0.2) },
    celu: { value: (x: number) => (x > 0 ? x : Math.expm1(x)), slope: (x: number) => (x > 0 ? 1 : Math.exp(x)) },
    hardShrink: {
      value: (x: number) => (Math.abs(x) > 0.5 ? x : 0),
      slope: (x: number) => (Math.abs(x) > 0.5 ? 1 : 0),
    },
    softShrink: {
      value: (x: number) => (Math.abs(x) > 0.5 ? x - Math.sign(x) * 0.5 : 0),
      slope: (x: number) => (Math.abs(x) > 0.5 ? 1 : 0),
    },
    sparsePlus: {
      value: (x: number) => (x <= -1 ? 0 : x >= 1 ? x : (x + 1) ** 2 / 4),
      slope: (x: number) => clip((x + 1) / 2, 0, 1),
    },
    sparseSigmoid: {
      value: (x: number) => clip((x + 1) / 2, 0, 1),
      slope: (x: number) => (Math.abs(x) < 1 ? 0.5 : 0),
    },
    logSigmoid: { value: (x: number) => -softplus(-x), slope: (x: number) => sigmoid(-x) },
    squareplus: {
      value: (x: number) => (x + Math.sqrt(x * x + 4)) / 2,
      slope: (x: number) => (1 + x / Math.sqrt(x * x + 4)) / 2,
    },
    tanhShrink: { value: (x: number) => x - Math.tanh(x), slope: (x: number) => Math.tanh(x) ** 2 },
    mish: {
      value: (x: number) => x * Math.tanh(softplus(x)),
      slope: (x: number) => Math.tanh(softplus(x)) + x * tanhSlope(softplus(x)) * sigmoid(x),
    },
    gelu: { value: (x: number) => x * normal(x), slope: (x: number) => normal(x) + x * density(x) },
    geluTanh: {
      value: (x: number) => 0.5 * x * (1 + Math.tanh(geluInner(x))),
      slope: (x: number) => 0.5 * (1 + Math.tanh(geluInner(x)) + x * tanhSlope(geluInner(x)) * geluInnerSlope(x)),
    },
    hardSwish: hardSilu,
    abs: { value: Math.abs, slope: Math.sign },
    absolute: { value: Math.abs, slope: Math.sign },
    negative: { value: (x: number) => -x, slope: () => -1 },
    sign: { value: Math.sign, slope: () => 0 },
    sqrt: { value: Math.sqrt, slope: (x: number) => 0.5 / Math.sqrt(x) },
    rsqrt: { value: (x: number) => 1 / Math.sqrt(x), slope: (x: number) => -0.5 * x ** -1.5 },
    reciprocal: { value: (x: number) => 1 / x, slope: (x: number) => -1 / (x * x) },
    log: { value: Math.log, slope: (x: number) => 1 / x },
    log1p: { value: Math.log1p, slope: (x: number) => 1 / (1 + x) },
    expm1: { value: Math.expm1, slope: Math.exp },
    arctan: { value: Math.atan, slope: (x: number) => 1 / (1 + x * x) },
    square: { value: (x: number) => x * x, slope: (x: number) => 2 * x },
    sin: { value: Math.sin, slope: Math.cos },
    cos: { value: Math.cos, slope: (x: number) => -Math.sin(x) },
  } satisfies Record<string, UnaryFunction>),
);

/**
 * Makes a function of your own known by name, for `qUnaryFunctionLUT` and for loading models that use it.
 *
 * @param name letters and digits in camel case, as it shall stand in saved models
 * @param f the function and its derivative, in double precision
 * @throws if the name is taken by another function or has other characters.
 * @example
 * registerUnaryFunction('invSqrt', { value: (x) => 1 / Math.sqrt(1 + x * x), slope: (x) => -x / (1 + x * x) ** 1.5 });
 */
export function registerUnaryFunction(name: string, f: UnaryFunction): void {
  if (!/^[a-z][a-z0-9]*([A-Z][a-z0-9]+)*$/.test(name)) {
    throw new LayerError(`registerUnaryFunction: '${name}'; expected a camel-case name of letters and digits.`, {
      option: 'name',
      value: name,
    });
  }
  const known = functions.get(name);
  if (known != null && known !== f)
    throw new LayerError(`registerUnaryFunction: there is already a function '${name}'. Choose another name.`, {
      option: 'name',
      value: name,
    });
  functions.set(name, f);
}

/** Names of all functions that are known now. */
export function unaryFunctionNames(): readonly string[] {
  return [...functions.keys()];
}

/** The function of this name. @throws naming the layer when there is none. */
export function unaryFunction(name: string, layer: string): UnaryFunction {
  const f = functions.get(name);
  if (f != null) return f;
  if (/softmax/i.test(name)) {
    throw new LayerError(`Layer '${layer}': '${name}' is no function of one number. Use qSoftmax.`, {
      option: 'activation',
      value: name,
    });
  }
  throw new LayerError(
    `Layer '${layer}': unknown function '${name}'. Known: ${[...functions.keys()].join(', ')}; or registerUnaryFunction.`,
    { option: 'activation', value: name },
  );
}
