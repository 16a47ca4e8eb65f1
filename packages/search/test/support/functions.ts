import type { Point, Space } from '@sp/train/internal';
import { float, type Objective } from '../../src/index.ts';

/** A function whose best value is known, as a problem of a study. */
export interface KnownFunction {
  readonly space: Space;
  readonly objectives: readonly Objective[];
  readonly of: (point: Point) => Readonly<Record<string, number>>;
}

const numbers = (point: Point): number[] => Object.values(point).map(Number);
const axes = (count: number, low = 0, high = 1): Space =>
  Object.fromEntries(Array.from({ length: count }, (_, j) => [`x${j + 1}`, float(low, high)]));
const least: readonly Objective[] = [{ metric: 'y', direction: 'min' }];
const both: readonly Objective[] = [
  { metric: 'f1', direction: 'min' },
  { metric: 'f2', direction: 'min' },
];

/** Branin's: three lowest places, of 0.397887 (Dixon & Szegő 1978). */
export const branin: KnownFunction & { readonly lowest: number } = {
  space: { x1: float(-5, 10), x2: float(0, 15) },
  objectives: least,
  lowest: 0.397887,
  of(point) {
    const [a, b] = numbers(point);
    const first = b - (5.1 * a * a) / (4 * Math.PI ** 2) + (5 * a) / Math.PI - 6;
    return { y: first ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(a) + 10 };
  },
};

const A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const P = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
];

/** Hartmann's with six variables: lowest −3.32237 (Dixon & Szegő 1978). */
export const hartmann6: KnownFunction & { readonly lowest: number } = {
  space: axes(6),
  objectives: least,
  lowest: -3.32237,
  of(point) {
    const x = numbers(point);
    const sum = [1, 1.2, 3, 3.2].reduce((total, alpha, i) => {
      const exponent = x.reduce((inner, value, j) => inner + A[i][j] * (value - P[i][j] / 1e4) ** 2, 0);
      return total + alpha * Math.exp(-exponent);
    }, 0);
    return { y: -sum };
  },
};

/** Where hypervolumes of ZDT functions are measured to. */
export const zdtReference = [1.1, 1.1] as const;

/** Zitzler, Deb and Thiele's first three functions (2000), with so many variables (30 in the paper). */
export function zdt(which: 1 | 2 | 3, variables = 30): KnownFunction & { readonly best: number } {
  const shape = (f1: number, g: number): number => {
    const share = f1 / g;
    if (which === 1) return g * (1 - Math.sqrt(share));
    if (which === 2) return g * (1 - share ** 2);
    return g * (1 - Math.sqrt(share) - share * Math.sin(10 * Math.PI * f1));
  };
  return {
    space: axes(variables),
    objectives: both,
    best: bestHypervolume((f1) => shape(f1, 1)),
    of(point) {
      const [f1, ...rest] = numbers(point);
      const g = 1 + (9 * rest.reduce((sum, value) => sum + value, 0)) / rest.length;
      return { f1, f2: shape(f1, g) };
    },
  };
}

/** The hypervolume of the true front (g = 1): what lies above the lowest value so far. */
function bestHypervolume(front: (f1: number) => number): number {
  const steps = 200_000;
  let lowest = Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let j = 0; j < steps; j++) {
    const f1 = ((j + 0.5) / steps) * zdtReference[0];
    if (f1 <= 1) lowest = Math.min(lowest, front(f1));
    sum += Math.max(0, zdtReference[1] - lowest) * (zdtReference[0] / steps);
  }
  return sum;
}
