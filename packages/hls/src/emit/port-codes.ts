import { expandFormats } from '@sp/quant';
import type { FormatTable } from '@sp/quant/internal';
import type { FixedType } from '../plan/fixed-type.ts';
import { fractionOf } from '../plan/fixed-type.ts';

/**
 * By how many bits the code of each element stands further left in the C++ type than in its own format: the type has one binary point for
 * all elements. Channels for a list, elements of the shape for a tensor. Elements of no width: 0, their code is 0.
 */
export function codeShifts(table: FormatTable, shape: readonly number[], type: FixedType, list: boolean): Int32Array {
  const formats = expandFormats(table, list ? [1, 1, shape[2]] : shape);
  const fraction = fractionOf(type);
  return Int32Array.from(formats.f, (f, j) => (formats.k[j] + formats.i[j] + f > 0 ? fraction - f : 0));
}
