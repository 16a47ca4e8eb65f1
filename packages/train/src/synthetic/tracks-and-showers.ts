import type { RandomSource } from '../data/random.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';
import { between, drawnImages, exponential, type SyntheticOptions } from './image-generator.ts';

const side = 63;
/** Charge per pixel of path that a fast particle leaves, in units of the largest pixel value. */
const chargePerPixel = 0.4;
/** Smallest value that is not 0, as in the published preparation: 700 of 3200. */
const smallest = 0.21875;

/**
 * One plane of a liquid-argon detector, 63 × 63 pixels (wire × time), with one particle: class 0 a track (a muon or proton: a line of
 * even charge with a little scattering, that rises where it stops, with short side branches), class 1 an electromagnetic shower (a short stem, then many short pieces
 * in a cone about its axis). Plus up to four lone hits of radioactive decays.
 *
 * Values as in the published preparation of real events (sparsepixels §2): 0, or 0.21875 … 1. A sketch with the right look, sparsity and
 * confusions to build and test with, not a simulation to publish with.
 *
 * @throws OptionError for a count below 1.
 * @example
 * const data = tracksAndShowers({ count: 1_000_000, seed: 7 });
 * for await (const { images, labels } of streamBatches(data, 64)) { … }
 */
export function tracksAndShowers(options: SyntheticOptions): StreamingDataset {
  return drawnImages('tracksAndShowers', options, [side, side, 1], 2, (pixels, label, random) => {
    const angle = between(random, 0, 2 * Math.PI);
    // Begins off the centre, on the side it comes from, so that most of it is in view.
    const distance = between(random, 8, 24);
    const row = side / 2 - Math.sin(angle) * distance + 4 * random.normal();
    const column = side / 2 - Math.cos(angle) * distance + 4 * random.normal();
    if (label === 0) drawTrack(pixels, random, { row, column, angle });
    else drawShower(pixels, random, { row, column, angle });
    for (let hit = random.below(5); hit > 0; hit--) pixels[random.below(side * side)] += between(random, smallest, 0.6);
    for (let p = 0; p < pixels.length; p++) pixels[p] = pixels[p] < smallest ? 0 : Math.min(1, pixels[p]);
  });
}

interface Ray {
  readonly row: number;
  readonly column: number;
  /** Direction; 0 points along the columns. */
  readonly angle: number;
}

function drawTrack(pixels: Float32Array, random: RandomSource, start: Ray): void {
  const length = between(random, 18, 50);
  const stops = random.unit() < 0.6;
  const end = drawPath(pixels, random, start, length, 0.012, stops ? 6 : 0);
  for (let branch = random.below(3); branch > 0; branch--) {
    const along = random.unit();
    const row = start.row + (end.row - start.row) * along;
    const column = start.column + (end.column - start.column) * along;
    drawPath(pixels, random, { row, column, angle: between(random, 0, 2 * Math.PI) }, exponential(random, 2), 0.1, 0);
  }
}

function drawShower(pixels: Float32Array, random: RandomSource, start: Ray): void {
  const stem = between(random, 2, 8);
  drawPath(pixels, random, start, stem, 0.02, 0);
  for (let piece = 10 + random.below(10); piece > 0; piece--) {
    // Depth of the cascade: a gamma distribution of shape 3.
    const depth = stem + exponential(random, 3.5) + exponential(random, 3.5) + exponential(random, 3.5);
    const aside = random.normal() * (0.4 + 0.12 * depth);
    const { row, column, angle } = start;
    drawPath(
      pixels,
      random,
      {
        row: row + Math.sin(angle) * depth + Math.cos(angle) * aside,
        column: column + Math.cos(angle) * depth - Math.sin(angle) * aside,
        angle: angle + 0.4 * random.normal(),
      },
      0.7 + exponential(random, 2.5),
      0.08,
      0,
    );
  }
}

/**
 * Leaves charge along a path; returns where it ends.
 *
 * @param scattering change of direction per √pixel, in radians
 * @param stopping pixels before the end over which the charge rises, up to threefold
 */
function drawPath(
  pixels: Float32Array,
  random: RandomSource,
  start: Ray,
  length: number,
  scattering: number,
  stopping: number,
): Ray {
  const step = 0.25;
  let { row, column, angle } = start;
  for (let done = 0; done < length; done += step) {
    const near = stopping === 0 ? 0 : Math.max(0, 1 - (length - done) / stopping);
    // Most steps lose about the same, some much more.
    const charge = step * chargePerPixel * (1 + 2 * near) * (0.75 + exponential(random, 0.25));
    deposit(pixels, row, column, charge);
    row += Math.sin(angle) * step;
    column += Math.cos(angle) * step;
    angle += scattering * Math.sqrt(step) * random.normal();
  }
  return { row, column, angle };
}

function deposit(pixels: Float32Array, row: number, column: number, charge: number): void {
  const [r, c] = [Math.floor(row), Math.floor(column)];
  if (r >= 0 && r < side && c >= 0 && c < side) pixels[r * side + c] += charge;
}
