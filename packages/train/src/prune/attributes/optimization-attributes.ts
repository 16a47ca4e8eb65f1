import { OptionError } from '../../option-error.ts';
import { checkStructure, type Structure } from './structure.ts';

/** What may be done to a layer, and in which groups of weights (hls4ml §1.2). */
export interface OptimizationAttributes {
  /** Default `'unstructured'`. */
  readonly structure: Structure;
  /** Groups may become 0. Default false. */
  readonly pruning: boolean;
  /** The weights of a group may become one number, their mean. Default false; without effect on single weights. */
  readonly weightSharing: boolean;
  /** Rows and columns of a tile of structure `'block'`. Default `[1, 1]`. */
  readonly blockShape: readonly [number, number];
  /**
   * Structure `'pattern'`: weights that stand this far apart in the transposed kernel are one multiplier's; so many multipliers there are. Divides
   * the number of weights. Default 1.
   */
  readonly patternOffset: number;
  /** Structure `'pattern'`: neighbouring multipliers in one group (a block of memory feeds several). Divides `patternOffset`. Default 1. */
  readonly consecutivePatterns: number;
}

/**
 * Attributes with the defaults for what is not given.
 *
 * @throws OptionError for an unknown structure and sizes that are not whole numbers ≥ 1
 */
export function optimizationAttributes(given: Partial<OptimizationAttributes> = {}): OptimizationAttributes {
  const where = 'optimizationAttributes';
  const { structure = 'unstructured', pruning = false, weightSharing = false } = given;
  const { blockShape = [1, 1], patternOffset = 1, consecutivePatterns = 1 } = given;
  checkStructure(structure, where);
  if (blockShape.length !== 2) throw new OptionError(`${where}: blockShape [${blockShape}] is not [rows, columns]`);
  const sizes = { 'blockShape[0]': blockShape[0], 'blockShape[1]': blockShape[1], patternOffset, consecutivePatterns };
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size) || size < 1)
      throw new OptionError(`${where}: ${name} ${size} is not a whole number ≥ 1`);
  }
  for (const [name, flag] of Object.entries({ pruning, weightSharing })) {
    if (typeof flag !== 'boolean') throw new OptionError(`${where}: ${name} ${String(flag)} is not true or false`);
  }
  return {
    structure,
    pruning,
    weightSharing,
    blockShape: [blockShape[0], blockShape[1]],
    patternOffset,
    consecutivePatterns,
  };
}
