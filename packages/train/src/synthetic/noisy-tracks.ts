import type { RandomSource } from '../data/random.ts';
import type { StreamingDataset } from '../stream/streaming-dataset.ts';
import { between, drawnImages, exponential, type SyntheticOptions } from './image-generator.ts';
import { entryRay, followPath, followShower, type Ray } from './particle-path.ts';

const side = 64;
const places = side * side;
/** Charge that a fast particle leaves per pixel of path. */
const chargePerPixel = 0.42;
/** Steps of charge and time, as of a 5-bit converter. */
const steps = 32;

/**
 * One plane of a drift chamber in a noisy detector, 64 × 64 pixels of two channels: the charge, by which pixels become
 * active, and the time of its arrival, both in steps of 1/32. Three classes: 0 a track (one line of even charge), 1 a shower
 * (a stem, then many short pieces in a cone), 2 a decay (two lines from one point).
 *
 * A particle's time runs evenly along its path, from an arbitrary beginning. Noise comes in two kinds, each with times of its own:
 * 30 to 60 faint pixels of at most 7/32, which a threshold can cut, though it then cuts the faint ends of particles as well; and up to eight bright
 * ones, which only their neighbours and their time tell from hits. About 30 pixels belong to the particle, so that a budget for all
 * pixels would be spent on noise. A sketch to build and test with, not a simulation to publish with.
 *
 * @throws OptionError for a count below 1.
 */
export function noisyTracks(options: SyntheticOptions): StreamingDataset {
  return drawnImages('noisyTracks', options, [side, side, 2], 3, (pixels, label, random) => {
    const charges = new Float32Array(places);
    // Of each pixel: its times, weighted by their charge.
    const times = new Float32Array(places);
    const hit = (place: number, charge: number, time: number): void => {
      charges[place] += charge;
      times[place] += charge * time;
    };
    drawParticle(random, label, hit);
    for (let noise = 30 + random.below(31); noise > 0; noise--) {
      hit(random.below(places), Math.min(7 / steps, (1.5 + exponential(random, 2)) / steps), random.unit());
    }
    for (let noise = random.below(9); noise > 0; noise--) {
      hit(random.below(places), between(random, 0.25, 0.9), random.unit());
    }
    for (let place = 0; place < places; place++) {
      const code = Math.min(steps - 1, Math.floor(charges[place] * steps));
      if (code === 0) continue;
      pixels[2 * place] = code / steps;
      pixels[2 * place + 1] = Math.min(steps - 1, Math.floor((times[place] / charges[place]) * steps)) / steps;
    }
  });
}

/** Charge and its time at a place. */
type Hit = (place: number, charge: number, time: number) => void;

function drawParticle(random: RandomSource, label: number, hit: Hit): void {
  const start = entryRay(random, side, 4, 16);
  const [early, slope] = [between(random, 0.05, 0.5), between(random, 0.004, 0.012)];
  const deposit = (row: number, column: number, charge: number): void => {
    const [r, c] = [Math.floor(row), Math.floor(column)];
    if (r < 0 || r >= side || c < 0 || c >= side) return;
    const time = early + slope * Math.hypot(row - start.row, column - start.column) + 0.02 * random.normal();
    hit(r * side + c, charge, Math.min(1, Math.max(0, time)));
  };
  const line = (ray: Ray, length: number): void => {
    const stopping = random.unit() < 0.5 ? 5 : 0;
    followPath(random, ray, { length, scattering: 0.02, stopping, charge: chargePerPixel }, deposit);
  };
  if (label === 0) line(start, between(random, 18, 34));
  else if (label === 1) followShower(random, start, { pieces: 7, depth: 3, charge: 0.8 * chargePerPixel }, deposit);
  else {
    const opening = between(random, 0.25, 1.2) * (random.unit() < 0.5 ? -1 : 1);
    line(start, between(random, 10, 20));
    line({ ...start, angle: start.angle + opening }, between(random, 8, 18));
  }
}
