import type { RandomSource } from '../data/random.ts';
import { between, exponential } from './image-generator.ts';

/** A place in pixels and a direction; 0 points along the columns. */
export interface Ray {
  readonly row: number;
  readonly column: number;
  readonly angle: number;
}

/** How a particle goes on from where it is. */
export interface PathOptions {
  /** In pixels. */
  readonly length: number;
  /** Change of direction per √pixel, in radians. */
  readonly scattering: number;
  /** Pixels before the end over which the charge rises, up to threefold; 0: it does not stop. */
  readonly stopping: number;
  /** Charge that a fast particle leaves per pixel of path. */
  readonly charge: number;
}

/** Leaves charge at a place. */
export type Deposit = (row: number, column: number, charge: number) => void;

/** A beginning off the middle of an image, on the side the particle comes from, so that most of it is in view. */
export function entryRay(random: RandomSource, side: number, nearest: number, farthest: number): Ray {
  const angle = between(random, 0, 2 * Math.PI);
  const distance = between(random, nearest, farthest);
  const row = side / 2 - Math.sin(angle) * distance + 4 * random.normal();
  const column = side / 2 - Math.cos(angle) * distance + 4 * random.normal();
  return { row, column, angle };
}

/** Leaves charge along a path; returns where it ends. */
export function followPath(random: RandomSource, start: Ray, options: PathOptions, deposit: Deposit): Ray {
  const { length, scattering, stopping, charge } = options;
  const step = 0.25;
  let { row, column, angle } = start;
  for (let done = 0; done < length; done += step) {
    const near = stopping === 0 ? 0 : Math.max(0, 1 - (length - done) / stopping);
    // Most steps lose about the same, some much more.
    deposit(row, column, step * charge * (1 + 2 * near) * (0.75 + exponential(random, 0.25)));
    row += Math.sin(angle) * step;
    column += Math.cos(angle) * step;
    angle += scattering * Math.sqrt(step) * random.normal();
  }
  return { row, column, angle };
}

/** An electromagnetic cascade. */
export interface ShowerOptions {
  /** Pieces of path: at least so many, and fewer than twice as many. */
  readonly pieces: number;
  /** Scale of the depth, in pixels. */
  readonly depth: number;
  /** Charge per pixel of path. */
  readonly charge: number;
}

/** Leaves the charge of a short stem, then of many short pieces in a cone about its axis. */
export function followShower(random: RandomSource, start: Ray, options: ShowerOptions, deposit: Deposit): void {
  const { pieces, depth: scale, charge } = options;
  const stem = between(random, 2, 8);
  followPath(random, start, { length: stem, scattering: 0.02, stopping: 0, charge }, deposit);
  for (let piece = pieces + random.below(pieces); piece > 0; piece--) {
    // Depth of the cascade: a gamma distribution of shape 3.
    const depth = stem + exponential(random, scale) + exponential(random, scale) + exponential(random, scale);
    const aside = random.normal() * (0.4 + 0.12 * depth);
    const { row, column, angle } = start;
    const ray = {
      row: row + Math.sin(angle) * depth + Math.cos(angle) * aside,
      column: column + Math.cos(angle) * depth - Math.sin(angle) * aside,
      angle: angle + 0.4 * random.normal(),
    };
    const length = 0.7 + exponential(random, 2.5);
    followPath(random, ray, { length, scattering: 0.08, stopping: 0, charge }, deposit);
  }
}
