import type { Weights } from '@sp/quant';
import { printCpp, typeOfCodes, ZERO_TYPE } from '../plan/fixed-type.ts';
import type { ConstantArray } from './kernel.ts';
import { literal } from './literals.ts';

/** Weights in the narrowest type that holds them. `order` lists the places of `weights.codes` in the order of the array. */
export function weightArray(id: string, weights: Weights, note: string, order?: readonly number[]): ConstantArray {
  const codes = order === undefined ? weights.codes : order.map((place) => weights.codes[place]);
  const zeros = codes.filter((code) => code === 0).length;
  return {
    id,
    type: printCpp(typeOfCodes(weights.codes, weights.f)),
    note: `${note}: [${weights.shape.join(', ')}], ${zeros} of ${codes.length} are 0`,
    values: codes.map((code) => literal(code, weights.f)),
  };
}

/** A bias, or zeros where there is none. */
export function biasArray(id: string, bias: Weights | undefined, count: number, name: string): ConstantArray {
  if (bias !== undefined) return weightArray(id, bias, `bias of "${name}"`);
  return {
    id,
    type: printCpp(ZERO_TYPE),
    note: `"${name}" has no bias`,
    values: new Array<string>(count).fill('0'),
  };
}
