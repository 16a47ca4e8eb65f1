import { OptionError } from '../../option-error.ts';

/**
 * What is removed or shared together (hls4ml §1.1): single weights; whole neurons or filters; the weights that one multiplier handles; tiles of
 * the matrix of a dense layer.
 */
export type Structure = 'unstructured' | 'structured' | 'pattern' | 'block';

/** The kind of a kernel: of a dense layer `[in, out]`, or of a convolution `[kh, kw, channels, filters]`. */
export type KernelKind = 'dense' | 'conv2d';

const structures: readonly Structure[] = ['unstructured', 'structured', 'pattern', 'block'];

/** @throws OptionError unless `value` names a structure */
export function checkStructure(value: unknown, where: string): Structure {
  if (structures.includes(value as Structure)) return value as Structure;
  throw new OptionError(`${where}: structure '${String(value)}' is none of ${structures.join(', ')}`);
}
