import { OptionError } from '../../option-error.ts';
import type { OptimizationAttributes } from '../attributes/optimization-attributes.ts';
import type { KernelKind } from '../attributes/structure.ts';

/** The groups in which the weights of a kernel are kept, removed or shared. */
export interface Groups {
  readonly count: number;
  /** Group of each weight, in the kernel's row-major order. */
  readonly of: Int32Array;
}

/** What decides the groups. */
export type GroupSettings = Pick<
  OptimizationAttributes,
  'structure' | 'blockShape' | 'patternOffset' | 'consecutivePatterns'
>;

/**
 * Groups of a kernel (hls4ml §1.6). Patterns: of the transposed kernel (outputs first) read row-major, as the resource kernel reads it, each
 * `weights / patternOffset` numbers in a row are one multiplier's, and `consecutivePatterns` of these a group. Blocks: tiles in row-major order.
 *
 * @param where named in errors, e.g. `Layer 'dense1'`
 * @throws OptionError for kernels of another rank, sizes that do not divide, and blocks of a convolution
 */
export function groupsOf(kind: KernelKind, shape: readonly number[], settings: GroupSettings, where: string): Groups {
  const rank = kind === 'dense' ? 2 : 4;
  if (shape.length !== rank) {
    throw new OptionError(`${where}: a kernel of shape [${shape}]; a ${kind} kernel has ${rank} axes`);
  }
  const size = shape.reduce((product, extent) => product * extent, 1);
  const outputs = shape[shape.length - 1];
  const { structure, patternOffset, consecutivePatterns, blockShape } = settings;
  switch (structure) {
    case 'unstructured':
      return { count: size, of: Int32Array.from({ length: size }, (_, j) => j) };
    case 'structured':
      return { count: outputs, of: Int32Array.from({ length: size }, (_, j) => j % outputs) };
    case 'pattern': {
      checkPattern(size, settings, where);
      const perRow = size / patternOffset;
      const inputs = size / outputs;
      const group = (j: number): number => {
        const transposed = (j % outputs) * inputs + Math.floor(j / outputs);
        return Math.floor(Math.floor(transposed / perRow) / consecutivePatterns);
      };
      return { count: patternOffset / consecutivePatterns, of: Int32Array.from({ length: size }, (_, j) => group(j)) };
    }
    case 'block': {
      if (kind !== 'dense') {
        throw new OptionError(`${where}: structure 'block' needs a matrix; use another one for convolutions`);
      }
      const [rows, columns] = blockShape;
      if (shape[0] % rows !== 0 || outputs % columns !== 0) {
        throw new OptionError(`${where}: blockShape [${blockShape}] does not divide the kernel's shape [${shape}]`);
      }
      const across = outputs / columns;
      const group = (j: number): number =>
        Math.floor(Math.floor(j / outputs) / rows) * across + Math.floor((j % outputs) / columns);
      return { count: (shape[0] / rows) * across, of: Int32Array.from({ length: size }, (_, j) => group(j)) };
    }
    default:
      throw new OptionError(`${where}: unknown structure '${String(structure satisfies never)}'`);
  }
}

/**
 * @param size number of weights
 * @throws OptionError unless the offset divides it and the consecutive patterns divide the offset
 */
export function checkPattern(
  size: number,
  { patternOffset, consecutivePatterns }: Pick<GroupSettings, 'patternOffset' | 'consecutivePatterns'>,
  where: string,
): void {
  if (size % patternOffset !== 0) {
    throw new OptionError(`${where}: patternOffset ${patternOffset} does not divide the kernel's ${size} weights`);
  }
  if (patternOffset % consecutivePatterns !== 0) {
    throw new OptionError(
      `${where}: consecutivePatterns ${consecutivePatterns} does not divide patternOffset ${patternOffset}; with a weight width of 9, 18 or 36 bits and a reuse factor that leaves a multiple of them it does`,
    );
  }
}
