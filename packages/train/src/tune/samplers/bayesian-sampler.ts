import { type RandomSource, randomSource } from '../../data/random.ts';
import { checkOptionNames } from '../../fit/option-names.ts';
import { OptionError } from '../../option-error.ts';
import {
  atUnit,
  type Dimension,
  defaultPoint,
  isOrdered,
  type Point,
  pointKey,
  randomPoint,
  type Space,
  unitOf,
  type Value,
} from '../space.ts';
import { ranked, type Sampler, type Trial } from '../trial.ts';
import { newRandomPoint, triedKeys } from './random-sampler.ts';

/** How a Bayesian search goes. */
export interface BayesianOptions {
  /** Random trials before anything is concluded from them. Default: 3, and one more per parameter, 10 at most. */
  readonly startup?: number;
  /** Points that are weighed against each other for every trial. Default 64. */
  readonly candidates?: number;
}

/**
 * Tries what looks most like the good trials and least like the others: the tree of Parzen estimators (Bergstra et al. 2011), over all
 * parameters together, as BOHB has it (Falkner et al. 2018). Densities of good and of bad points are sums of one kernel per trial and an
 * even one; of candidates that are drawn from the first, the one with the highest ratio is tried. No point is tried twice.
 *
 * The first trial is the point of the defaults, if all parameters have one.
 *
 * @throws OptionError for numbers that are not whole and ≥ 1
 */
export function bayesianSampler(options: BayesianOptions = {}): Sampler {
  checkOptionNames(options, ['startup', 'candidates'], 'bayesianSampler');
  const { startup, candidates = 64 } = options;
  for (const [name, value] of Object.entries({ startup: startup ?? 1, candidates })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new OptionError(`bayesianSampler: ${name} ${value} is not a whole number ≥ 1`);
    }
  }
  return {
    name: 'Bayesian',
    settings: { startup: startup ?? null, candidates },
    next(trials, { space, direction, seed }) {
      const random = randomSource(seed, trials.length);
      const first = trials.length === 0 ? defaultPoint(space) : null;
      if (first !== null) return { point: first };
      const fallback = newRandomPoint(trials, space, random);
      if (fallback === null) return null;
      const rank = ranked(trials, direction);
      if (rank.length < (startup ?? Math.min(10, 3 + Object.keys(space).length))) return { point: fallback };
      const goodCount = Math.min(25, Math.max(2, Math.ceil(0.15 * trials.length)));
      const good = rank.slice(0, goodCount);
      const bad = trials.filter((trial) => !good.some(({ number }) => number === trial.number));
      return { point: likeTheGood(space, good, bad, candidates, triedKeys(trials, { space }), random) ?? fallback };
    },
  };
}

/** A parameter as densities see it. */
interface Axis {
  readonly name: string;
  readonly dimension: Dimension;
  /** Values of an unordered list; null: places on 0 … 1. */
  readonly values: readonly Value[] | null;
}

/** A point in numbers: places on 0 … 1, and positions in unordered lists. */
type Place = readonly number[];

function axesOf(space: Space): readonly Axis[] {
  return Object.entries(space).map(([name, dimension]) => ({
    name,
    dimension,
    values: dimension.kind === 'choice' && !isOrdered(dimension) ? dimension.values : null,
  }));
}

function placeOf(axes: readonly Axis[], point: Point): Place {
  return axes.map(({ name, dimension, values }) => values?.indexOf(point[name]) ?? unitOf(dimension, point[name]));
}

function pointAt(axes: readonly Axis[], place: Place): Point {
  return Object.fromEntries(
    axes.map(({ name, dimension, values }, a) => [name, values?.[place[a]] ?? atUnit(dimension, place[a])]),
  );
}

/** The best of the candidates that are drawn from the density of the good ones; null if all were tried before. */
function likeTheGood(
  space: Space,
  good: readonly Trial[],
  bad: readonly Trial[],
  candidates: number,
  tried: ReadonlySet<string>,
  random: RandomSource,
): Point | null {
  const axes = axesOf(space);
  const centres = good.map(({ point }) => placeOf(axes, point));
  const likeGood = density(axes, centres);
  const likeBad = density(
    axes,
    bad.map(({ point }) => placeOf(axes, point)),
  );
  let best: { readonly point: Point; readonly ratio: number } | null = null;
  for (let j = 0; j < candidates; j++) {
    const at = random.below(good.length + 1);
    const point =
      at === good.length ? randomPoint(space, random) : pointAt(axes, near(axes, centres[at], good.length, random));
    if (tried.has(pointKey(space, point))) continue;
    // Rounded to what is possible, a point lies elsewhere than it was drawn.
    const place = placeOf(axes, point);
    const ratio = likeGood(place) / likeBad(place);
    if (best === null || ratio > best.ratio) best = { point, ratio };
  }
  return best?.point ?? null;
}

/** A kernel's width on 0 … 1: narrower with more points, wider with more parameters (Scott's rule). */
function widthOf(count: number, axes: readonly Axis[]): number {
  return Math.max(0.02, 0.2 * count ** (-1 / (axes.length + 4)));
}

/** How likely a kernel around a value of an unordered list is to be anywhere in it. */
const ANYWHERE = 0.3;

/** A place drawn from the kernel around a trial's. */
function near(axes: readonly Axis[], centre: Place, count: number, random: RandomSource): Place {
  const width = widthOf(count, axes);
  return axes.map(({ values }, a) => {
    if (values !== null) return random.unit() < ANYWHERE ? random.below(values.length) : centre[a];
    for (;;) {
      const place = centre[a] + width * random.normal();
      if (place >= 0 && place <= 1) return place;
    }
  });
}

/** The mean of the kernels around these trials and of an even density. */
function density(axes: readonly Axis[], centres: readonly Place[]): (place: Place) => number {
  const width = widthOf(Math.max(1, centres.length), axes);
  const scale = 1 / (width * Math.sqrt(2 * Math.PI));
  const kernel = (centre: Place, at: Place): number => {
    let product = 1;
    let exponent = 0;
    for (let a = 0; a < axes.length; a++) {
      const { values } = axes[a];
      if (values !== null) {
        product *= ANYWHERE + (centre[a] === at[a] ? (1 - ANYWHERE) * values.length : 0);
        continue;
      }
      const distance = (at[a] - centre[a]) / width;
      product *= scale;
      exponent += (distance * distance) / 2;
    }
    return product * Math.exp(-exponent);
  };
  return (place) => centres.reduce((sum, centre) => sum + kernel(centre, place), 1) / (centres.length + 1);
}
