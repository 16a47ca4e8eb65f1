import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { wireType } from '../hdl/range.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';

/** An unsigned number as exactly `width` bits, to be joined with others. */
export function padded(m: ModuleBuilder, x: Signal, width: number): Signal[] {
  if (isConstant(x)) return Array.from({ length: width }, (_, j) => m.constant((x.lo >> BigInt(width - 1 - j)) & 1n));
  return [...new Array<Signal>(width - wireType(x).width).fill(m.constant(0)), x];
}
