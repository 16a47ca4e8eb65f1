import type { RandomSource } from '../data/random.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';
import { between, drawnImages, exponential, type SyntheticOptions } from './image-generator.ts';
import { type Deposit, entryRay, followPath, followShower, type Ray } from './particle-path.ts';

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
    const start = entryRay(random, side, 8, 24);
    const deposit: Deposit = (row, column, charge) => {
      const [r, c] = [Math.floor(row), Math.floor(column)];
      if (r >= 0 && r < side && c >= 0 && c < side) pixels[r * side + c] += charge;
    };
    if (label === 0) drawTrack(random, start, deposit);
    else followShower(random, start, { pieces: 10, depth: 3.5, charge: chargePerPixel }, deposit);
    for (let hit = random.below(5); hit > 0; hit--) pixels[random.below(side * side)] += between(random, smallest, 0.6);
    for (let p = 0; p < pixels.length; p++) pixels[p] = pixels[p] < smallest ? 0 : Math.min(1, pixels[p]);
  });
}

/** A track, and up to two short branches at its sides. */
function drawTrack(random: RandomSource, start: Ray, deposit: Deposit): void {
  const charge = chargePerPixel;
  const length = between(random, 18, 50);
  const stopping = random.unit() < 0.6 ? 6 : 0;
  const end = followPath(random, start, { length, scattering: 0.012, stopping, charge }, deposit);
  for (let branch = random.below(3); branch > 0; branch--) {
    const along = random.unit();
    const row = start.row + (end.row - start.row) * along;
    const column = start.column + (end.column - start.column) * along;
    const ray = { row, column, angle: between(random, 0, 2 * Math.PI) };
    followPath(random, ray, { length: exponential(random, 2), scattering: 0.1, stopping: 0, charge }, deposit);
  }
}
