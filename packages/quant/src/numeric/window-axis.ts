/** Number of window positions along an axis; not positive when the window does not fit. */
export function windowCount(
  length: number,
  size: number,
  stride: number,
  [before, after]: readonly [number, number],
  dilation: number,
): number {
  return Math.floor((length + before + after - (size - 1) * dilation - 1) / stride) + 1;
}

/**
 * Zeros of 'same' padding as Keras places them: the output has `⌈length / stride⌉` positions, an odd zero goes behind.
 *
 * @param dilation default 1
 */
export function samePads(length: number, size: number, stride: number, dilation: number = 1): [number, number] {
  const needed = (Math.ceil(length / stride) - 1) * stride + (size - 1) * dilation + 1 - length;
  const total = Math.max(0, needed);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}
