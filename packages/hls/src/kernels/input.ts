import type { InputNode } from '@sp/quant/internal';
import { WIRES } from '../estimate/cost.ts';
import type { Kernel } from './kernel.ts';

/** A port of the top function: codes arrive ready, so there is nothing to compute. */
export const inputKernel: Kernel<InputNode> = {
  op: 'input',
  options: [],
  loops: () => false,
  decide: () => ({}),
  emit: () => ({ call: () => [] }),
  cost: () => WIRES,
  describe: () => 'input',
};
