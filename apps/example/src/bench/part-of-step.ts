import type { Frame } from './profile-run.ts';

/** Parts of a training step on lists, in the order in which they are computed. */
export const stepParts = [
  'lists of pixels',
  'quantise weights',
  'forward and backward',
  'other threads',
  'gradients of weights and bits',
  'EBOPs',
  'finite?',
  'optimizer',
  "fit's own",
  'evaluation',
  'start and garbage',
] as const;

/** The part that a stack of `fit` on the fused engine belongs to, outermost frame first. */
export function partOfStep(stack: readonly Frame[]): (typeof stepParts)[number] {
  const has = (file: string, name?: string): boolean =>
    stack.some((frame) => frame.file.includes(file) && (name === undefined || frame.name === name));
  if (has('/fit/evaluate') || has('/fit/step-runner', 'predictOnLists')) return 'evaluation';
  if (has('/engine/batch/take-images') || has('/engine/batch/site-batch')) return 'lists of pixels';
  if (has('/engine/operations/bit-cost')) return 'EBOPs';
  if (has('/fit/train-step', 'refuseNaN')) return 'finite?';
  if (has('/fit/kernel-optimizer') || has('/engine/compile-engine', 'update')) return 'optimizer';
  if (has('/engine/memory/start-threads') || has('/engine/memory/web-threads')) return 'other threads';
  if (has('/engine/compile-engine', 'differentiate')) {
    const inside = stack.slice(stack.findIndex(({ name }) => name === 'differentiate') + 1).map(({ name }) => name);
    const phase = inside.find((name) => ['prepare', 'runParts', 'forward', 'backward', 'finish'].includes(name));
    if (phase === 'prepare') return 'quantise weights';
    if (phase === 'finish') return 'gradients of weights and bits';
    return 'forward and backward';
  }
  if (has('/fit/fit', 'run')) return "fit's own";
  return 'start and garbage';
}
