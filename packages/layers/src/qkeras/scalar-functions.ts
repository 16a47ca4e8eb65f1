import { clip } from '@sp/quant/numeric';

/** Meaning of "sigmoid" inside quantizers (QKeras' `set_internal_sigmoid`). */
export type InternalSigmoid = 'hard' | 'smooth' | 'real';

/** Sign with sign(0) = +1. */
export function signOf(x: number): number {
  return x < 0 ? -1 : 1;
}

const slopes = { hard: 0.5, smooth: 0.1875 } as const;

/** The chosen sigmoid and its derivative (hgq1 §5.2); the clipped ones have derivative 1 · slope on their bounds. */
export function sigmoid(kind: InternalSigmoid, x: number): readonly [value: number, slope: number] {
  if (kind === 'real') {
    const value = 1 / (1 + Math.exp(-x));
    return [value, value * (1 - value)];
  }
  const slope = slopes[kind];
  const line = slope * x + 0.5;
  return [clip(line, 0, 1), line >= 0 && line <= 1 ? slope : 0];
}
