import type { RandomSource } from '../../data/random.ts';
import {
  atUnit,
  type Dimension,
  isOrdered,
  type Point,
  pointKey,
  pointOf,
  randomPoint,
  type Space,
  unitOf,
  type Value,
} from '../space.ts';

/** A parameter as densities see it. */
interface Axis {
  readonly name: string;
  readonly dimension: Dimension;
  /** Values of an unordered list; null: places on 0 … 1. */
  readonly values: readonly Value[] | null;
}

/** A point in numbers: places on 0 … 1, and positions in unordered lists; NaN where there is no such parameter. */
type Place = readonly number[];

function axesOf(space: Space): readonly Axis[] {
  return Object.entries(space).map(([name, dimension]) => ({
    name,
    dimension,
    values: dimension.kind === 'choice' && !isOrdered(dimension) ? dimension.values : null,
  }));
}

function placeOf(axes: readonly Axis[], point: Point): Place {
  return axes.map(({ name, dimension, values }) =>
    Object.hasOwn(point, name) ? (values?.indexOf(point[name]) ?? unitOf(dimension, point[name])) : Number.NaN,
  );
}

function pointAt(space: Space, axes: readonly Axis[], place: Place): Point {
  return pointOf(space, (dimension, _, a) => axes[a].values?.[place[a]] ?? atUnit(dimension, place[a]));
}

/** What `likeTheGood` chooses from. */
export interface GoodAndBad {
  readonly space: Space;
  readonly good: readonly Point[];
  readonly bad: readonly Point[];
  /** How many points are weighed against each other. */
  readonly candidates: number;
  /** Keys (`pointKey`) of points that are not to be chosen. */
  readonly tried: ReadonlySet<string>;
  readonly random: RandomSource;
}

/**
 * The point that looks most like the good ones and least like the bad ones (Parzen estimators, over all parameters together): the best of
 * candidates that are drawn from the density of the good ones; null if all of them were tried before. A parameter that does not exist in
 * a point says nothing about it.
 */
export function likeTheGood({ space, good, bad, candidates, tried, random }: GoodAndBad): Point | null {
  const axes = axesOf(space);
  const centres = good.map((point) => placeOf(axes, point));
  const likeGood = density(axes, centres);
  const likeBad = density(
    axes,
    bad.map((point) => placeOf(axes, point)),
  );
  let best: { readonly point: Point; readonly ratio: number } | null = null;
  for (let j = 0; j < candidates; j++) {
    const at = random.below(good.length + 1);
    const point =
      at === good.length
        ? randomPoint(space, random)
        : pointAt(space, axes, near(axes, centres[at], good.length, random));
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
    // The kernel says nothing of a parameter that the trial did not have.
    if (Number.isNaN(centre[a])) return values === null ? random.unit() : random.below(values.length);
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
      if (Number.isNaN(at[a]) || Number.isNaN(centre[a])) continue;
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
