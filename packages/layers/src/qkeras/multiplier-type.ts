import { ceilLog2 } from '@sp/quant/numeric';
import { type DataType, fixedType, float32, widest } from './data-type.ts';

/** What multiplies: a multiplier, a shift, an addition of exponents, a choice, or a gate. */
export type Gate = 'mul' | 'shifter' | 'add' | 'mux' | 'xor' | 'and';

/** A multiplication in hardware (hgq1 §5.3). */
export interface Multiplier {
  readonly gate: Gate;
  readonly type: DataType;
  /** Energy relative to that of an addition (or multiplication) of `gateBits`. */
  readonly gateFactor: number;
  readonly gateBits: number;
}

/** Product of a weight and an input of these types. */
export function multiplierOf(w: DataType, x: DataType): Multiplier {
  const kinds = [w.kind, x.kind];
  if (kinds.includes('float')) return { gate: 'mul', type: float32, gateFactor: 1, gateBits: float32.bits };
  if (kinds.includes('bit')) {
    const [bit, other] = w.kind === 'bit' ? [w, x] : [x, w];
    const type = { ...other, signed: other.signed || bit.signed };
    return { gate: 'and', type, gateFactor: 0.1, gateBits: type.bits };
  }
  if (w.kind === 'binary' && x.kind === 'binary') return { gate: 'xor', type: w, gateFactor: 0.3, gateBits: 1 };
  const sign = [w, x].find(({ kind }) => kind === 'binary' || kind === 'ternary');
  if (sign != null) {
    const other = sign === w ? x : w;
    const gateFactor = sign.kind === 'binary' ? 0.3 : 0.6;
    return { gate: 'mux', type: withSign(other), gateFactor, gateBits: other.bits };
  }
  if (w.kind === 'po2' && x.kind === 'po2') return exponentSum(w, x);
  const power = [w, x].find(({ kind }) => kind === 'po2');
  if (power?.exponents != null) {
    const other = power === w ? x : w;
    const [low, high] = power.exponents;
    const signed = power.signed || other.signed;
    const whole = other.intBits - Number(other.signed) + high;
    const type = fixedType(signed, whole + Number(signed), other.bits - other.intBits - low);
    const size = Math.sqrt(2 ** power.bits * other.bits);
    return { gate: 'shifter', type, gateFactor: 1, gateBits: size * Math.log10(size) };
  }
  const shared = Number(w.signed && x.signed);
  const type = {
    kind: 'fixed',
    bits: w.bits + x.bits - shared,
    intBits: w.intBits + x.intBits - shared,
    signed: w.signed || x.signed,
  } as const;
  return { gate: 'mul', type, gateFactor: 1, gateBits: Math.sqrt(w.bits * x.bits) };
}

/** Sum of `count` products, and of a bias if there is one. */
export function accumulatorOf(product: DataType, count: number, bias: DataType | null): DataType {
  if (product.kind === 'float' || bias?.kind === 'float') return float32;
  const sum = widest([product], ceilLog2(count));
  return bias == null ? sum : widest([sum, bias], 1);
}

/** A type with room for the negative of every value. */
function withSign(type: DataType): DataType {
  if (type.signed) return type;
  return { ...type, signed: true, bits: type.bits + 1, intBits: type.kind === 'po2' ? 0 : type.intBits + 1 };
}

function exponentSum(w: DataType, x: DataType): Multiplier {
  const [a, b] = [w.exponents ?? [0, 0], x.exponents ?? [0, 0]];
  const bits = Math.max(w.bits, x.bits) + 1;
  const exponents = [a[0] + b[0], a[1] + b[1]] as const;
  const type: DataType = { kind: 'po2', bits, intBits: 0, signed: w.signed || x.signed, exponents };
  return { gate: 'add', type, gateFactor: 1, gateBits: bits };
}
