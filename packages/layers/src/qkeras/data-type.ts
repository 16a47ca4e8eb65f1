import { po2Exponents } from './quantize-po2.ts';
import type { QKerasQuantizer } from './quantizer-spec.ts';

/** How a number is written, as QKeras' qtools call it. */
export interface DataType {
  readonly kind: 'fixed' | 'po2' | 'ternary' | 'binary' | 'bit' | 'float';
  readonly bits: number;
  /** Integer bits with the sign; of floats and powers of two 0. */
  readonly intBits: number;
  readonly signed: boolean;
  /** Smallest and largest exponent of a power of two. */
  readonly exponents?: readonly [low: number, high: number];
}

/** Of numbers without quantizer. */
export const float32: DataType = { kind: 'float', bits: 32, intBits: 0, signed: true };

/** A fixed-point type of so many integer (with sign) and fraction bits. */
export function fixedType(signed: boolean, intBits: number, fraction: number): DataType {
  return { kind: 'fixed', bits: intBits + fraction, intBits, signed };
}

/** The type a quantizer writes; null: float32. */
export function dataTypeOf(q: QKerasQuantizer | null): DataType {
  switch (q?.name) {
    case 'quantized_bits':
    case 'quantized_linear':
      return fixed(q.bits, q.integer, q.keepNegative);
    case 'quantized_hswish':
    case 'quantized_ulaw':
      return fixed(q.bits, q.integer, true);
    case 'quantized_relu':
      return fixed(q.bits, q.integer, q.negativeSlope !== 0);
    case 'quantized_tanh':
      return fixed(q.bits, 0, true);
    case 'quantized_sigmoid':
      return fixed(q.bits, 0, false);
    case 'quantized_po2':
    case 'quantized_relu_po2': {
      const signed = q.name === 'quantized_po2' || q.negativeSlope !== 0;
      const { low, high } = po2Exponents(q);
      const most = q.maxValue === null ? high : Math.min(high, Math.round(Math.log2(q.maxValue)));
      return { kind: 'po2', bits: q.bits, intBits: 0, signed, exponents: [low, Math.max(low, most)] };
    }
    case 'ternary':
    case 'stochastic_ternary':
      return { kind: 'ternary', bits: 2, intBits: 2, signed: true };
    case 'binary':
      return { kind: q.use01 ? 'bit' : 'binary', bits: 1, intBits: 1, signed: !q.use01 };
    case 'stochastic_binary':
      return { kind: 'binary', bits: 1, intBits: 1, signed: true };
    case 'bernoulli':
      return { kind: 'bit', bits: 1, intBits: 1, signed: false };
    default:
      return float32;
  }
}

/** The type as fixed point, powers of two written out. */
function asFixed(type: DataType): DataType {
  if (type.kind !== 'po2' || type.exponents == null) return type;
  const [low, high] = type.exponents;
  return fixedType(type.signed, Math.max(0, high) + Number(type.signed), Math.max(0, -low));
}

/** The smallest fixed-point type with all values of all types, `more` integer bits besides. */
export function widest(types: readonly DataType[], more = 0): DataType {
  if (types.some(({ kind }) => kind === 'float')) return float32;
  const fixed = types.map(asFixed);
  const signed = fixed.some((type) => type.signed);
  const whole = Math.max(...fixed.map((type) => type.intBits - Number(type.signed)));
  const fraction = Math.max(...fixed.map((type) => type.bits - type.intBits));
  return fixedType(signed, whole + Number(signed) + more, fraction);
}

function fixed(bits: number, integer: number, signed: boolean): DataType {
  return { kind: 'fixed', bits, intBits: integer + Number(signed), signed };
}
