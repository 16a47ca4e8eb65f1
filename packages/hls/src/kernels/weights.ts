import type { Weights } from '@sp/quant';
import { type FixedType, printCpp, typeOfCodes, ZERO_TYPE } from '../plan/fixed-type.ts';
import type { ConstantArray } from './kernel.ts';

/**
 * Weights as integer codes of the narrowest type that holds them: a compiler reads a million integers in a second, but needs minutes for as many constructors of
 * fixed-point numbers. `order` lists the places of `weights.codes` in the order of the array.
 */
export function weightArray(id: string, weights: Weights, note: string, order?: readonly number[]): ConstantArray {
  const codes = order === undefined ? weights.codes : order.map((place) => weights.codes[place]);
  const zeros = codes.filter((code) => code === 0).length;
  return codeArray(
    id,
    codes,
    typeOfCodes(weights.codes, weights.f),
    `${note}: [${weights.shape.join(', ')}], ${zeros} of ${codes.length} are 0`,
  );
}

/** A bias, or zeros where there is none. */
export function biasArray(id: string, bias: Weights | undefined, count: number, name: string): ConstantArray {
  if (bias !== undefined) return weightArray(id, bias, `bias of "${name}"`);
  return codeArray(id, new Array<number>(count).fill(0), ZERO_TYPE, `"${name}" has no bias`);
}

/** An array of integer codes of numbers of type `number`. */
export function codeArray(id: string, codes: readonly number[], number: FixedType, note: string): ConstantArray {
  return {
    id,
    type: codeType(number),
    number,
    note: `${note}; codes of ${printCpp(number)}`,
    // -0 prints as 0.
    values: codes.map(String),
  };
}

/** Element `index` of an array of codes, as the number that it stands for. */
export function codedAt({ id, number }: ConstantArray, index: string): string {
  return number === undefined ? `${id}[${index}]` : `sp::coded<${printCpp(number)} >(${id}[${index}])`;
}

/** The member of a config struct that says what the codes of an array stand for. */
export function codeMember(name: string, { number }: ConstantArray): string {
  return `  typedef ${printCpp(number ?? ZERO_TYPE)} ${name};`;
}

/** C++ type of a code: as wide as the number in hardware, the narrowest plain integer elsewhere. */
function codeType({ signed, width }: FixedType): string {
  const bits = width + (signed ? 0 : 1);
  const plain = bits <= 8 ? 'signed char' : bits <= 16 ? 'short' : bits <= 32 ? 'int' : 'long long';
  return `SP_CODE(${signed ? 'ap_int' : 'ap_uint'}<${width}>, ${plain})`;
}
