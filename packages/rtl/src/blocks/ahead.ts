import type { ModuleBuilder } from '../hdl/module-builder.ts';
import { isConstant, type Signal } from '../hdl/signal.ts';

/**
 * A bit that selects many words, out of a register in stage `stage` or the first one after it that can have it. And-or then takes three pairs per LUT; were the bit
 * made in the same stage, synthesisers would make it anew for every bit of every word, at twice the LUTs.
 */
export function ahead(m: ModuleBuilder, bit: Signal, stage: number): Signal {
  if (isConstant(bit) || bit.level === 0) return bit;
  return m.at(bit, Math.max(bit.stage + 1, stage), 0);
}
