import { type Checkers, checkFolder, type FolderReport } from './check-folder.ts';

const CHECKERS: Checkers = {
  'prune_schedulers.json': async () => (await import('./prune/schedulers.ts')).checkSchedulers,
  'prune_knapsack.json': async () => (await import('./prune/knapsack.ts')).checkKnapsack,
  'prune_objectives.json': async () => (await import('./prune/objectives.ts')).checkObjectives,
  'prune_regularizers.json': async () => (await import('./prune/regularizers.ts')).checkRegularizers,
  'prune_grads.json': async () => (await import('./prune/gradients.ts')).checkGradients,
  'prune_masked_step.json': async () => (await import('./prune/masked-step.ts')).checkMaskedSteps,
  'prune_reduce.json': async () => (await import('./prune/reduce.ts')).checkReductions,
  'prune_masks.json': async () => (await import('./prune/masks.ts')).checkMasks,
};

/**
 * Compares hls4ml's recorded masks, offsets, resources, regularizers, gradients, schedules, knapsacks and reductions with what `@sp/train/prune` makes
 * of the same inputs; where upstream is wrong, with the right values that stand beside.
 *
 * @throws BadFileError when the folder has none of the files, or one is not of its format
 */
export async function prune(folder: string): Promise<FolderReport> {
  return checkFolder('prune', folder, CHECKERS, /^prune_.*\.json$/);
}
