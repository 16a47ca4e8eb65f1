import type { RandomSource } from '../data/random.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';
import { between, drawnImages, exponential, type SyntheticOptions } from './image-generator.ts';

const side = 56;
/** Cells of the calorimeter along one side; they lie on every second pixel. */
const cells = side / 2;
/** Smallest value that is not 0, as in the published preparation. */
const smallest = 0.003;
/** Radius in cells within which a particle belongs to its prong. */
const prongRadius = 0.9;

/**
 * Jets in a calorimeter, 56 × 56 pixels, centred on the jet: class 0 with one prong (a quark or gluon), 1 with two (W, Z), 2 with three (top). Prongs share
 * the energy unevenly and consist of particles with falling energy; soft particles lie all around.
 *
 * As in the published preparation (sparsepixels §2) cells of a 28 × 28 grid lie on every second pixel, values are 0 or 0.003 … 1. A sketch with the
 * right look, sparsity and confusions to build and test with, not a simulation to publish with.
 *
 * @throws OptionError for a count below 1.
 */
export function prongJets(options: SyntheticOptions): StreamingDataset {
  return drawnImages('prongJets', options, [side, side, 1], 3, (pixels, label, random) => {
    const prongs = drawProngs(random, label + 1);
    const energy = between(random, 1.5, 2.5);
    const soft = energy * between(random, 0.05, 0.15);
    for (const { row, column, share } of prongs) {
      scatter(pixels, random, row, column, (energy - soft) * share, prongRadius, 4 + random.below(10));
    }
    scatter(pixels, random, cells / 2, cells / 2, soft, 5, 6 + random.below(14));
    for (let p = 0; p < pixels.length; p++) pixels[p] = pixels[p] < smallest ? 0 : Math.min(1, pixels[p]);
  });
}

interface Prong {
  /** In cells. */
  readonly row: number;
  readonly column: number;
  /** Share of the jet's energy. */
  readonly share: number;
}

/** Prongs about the middle of the grid, their centre of energy there. */
function drawProngs(random: RandomSource, count: number): readonly Prong[] {
  const energies = Array.from({ length: count }, () => 0.35 + exponential(random, 0.5));
  const total = energies.reduce((sum, energy) => sum + energy, 0);
  const turn = between(random, 0, 2 * Math.PI);
  const prongs = energies.map((energy, index) => {
    const angle = turn + (2 * Math.PI * index) / count + 0.3 * random.normal();
    const distance = count === 1 ? 0 : between(random, 2, 6);
    return { row: Math.sin(angle) * distance, column: Math.cos(angle) * distance, share: energy / total };
  });
  const row = prongs.reduce((sum, prong) => sum + prong.row * prong.share, 0);
  const column = prongs.reduce((sum, prong) => sum + prong.column * prong.share, 0);
  const middle = cells / 2;
  return prongs.map((prong) => ({ ...prong, row: middle + prong.row - row, column: middle + prong.column - column }));
}

/** Spreads energy over particles about a point; the hardest lie closest to it. */
function scatter(
  pixels: Float32Array,
  random: RandomSource,
  row: number,
  column: number,
  energy: number,
  radius: number,
  particles: number,
): void {
  const parts = Array.from({ length: particles }, () => exponential(random, 1) ** 2);
  const total = parts.reduce((sum, part) => sum + part, 0);
  for (const part of parts) {
    const width = radius / (0.6 + part);
    const r = Math.floor(row + random.normal() * Math.min(width, radius * 1.5));
    const c = Math.floor(column + random.normal() * Math.min(width, radius * 1.5));
    if (r < 0 || r >= cells || c < 0 || c >= cells) continue;
    pixels[2 * r * side + 2 * c] += (energy * part) / total;
  }
}
