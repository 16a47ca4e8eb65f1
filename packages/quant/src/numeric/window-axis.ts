/**
 * Where windows lie along one axis: input position = `output · stride + tap · dilation −
 * padBefore`.
 */
export interface WindowAxis {
  readonly input: number;
  readonly output: number;
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBefore: number;
}

/** Input position under a tap of a window; −1 in the padding. */
export function positionUnder({ input, stride, dilation, padBefore }: WindowAxis, window: number, tap: number): number {
  const at = window * stride + tap * dilation - padBefore;
  return at < input ? Math.max(at, -1) : -1;
}

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
 * Zeros of 'same' padding as Keras places them: the output has `⌈length / stride⌉` positions, an
 * odd zero goes behind.
 *
 * @param dilation default 1
 */
export function samePads(length: number, size: number, stride: number, dilation: number = 1): [number, number] {
  const needed = (Math.ceil(length / stride) - 1) * stride + (size - 1) * dilation + 1 - length;
  const total = Math.max(0, needed);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}

/** First position and number of positions inside the input of every window without gaps. */
export function windowSpans(
  length: number,
  size: number,
  stride: number,
  pads: readonly [number, number],
): { from: number; count: number }[] {
  return Array.from({ length: windowCount(length, size, stride, pads, 1) }, (_, at) => {
    const start = at * stride - pads[0];
    const from = Math.max(0, start);
    return { from, count: Math.min(length, start + size) - from };
  });
}
