import type { Point, Space } from '@sp/train/internal';
import { pointCount, pointKey, randomPoint, randomSource } from '@sp/train/tune';

/** Draws from another sequence than `next` of the samplers do. */
const STREAM = 0x5eed;

/** A point that was not tried before: the one that is proposed or else a random one; null when all were tried. */
export function untried(
  propose: (attempt: number) => Point,
  space: Space,
  tried: ReadonlySet<string>,
  attempts: number,
  [seed, number]: readonly [seed: number, number: number],
): Point | null {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const point = propose(attempt);
    if (!tried.has(pointKey(space, point))) return point;
  }
  if (tried.size >= pointCount(space)) return null;
  const random = randomSource(seed, number, STREAM);
  for (;;) {
    const point = randomPoint(space, random);
    if (!tried.has(pointKey(space, point))) return point;
  }
}

/** The keys of points; those of a beginning that was seen before are not made again. */
export function keysOf(space: Space): (points: readonly Point[]) => ReadonlySet<string> {
  let seen: { readonly count: number; readonly last: Point | undefined; readonly keys: Set<string> } = {
    count: 0,
    last: undefined,
    keys: new Set(),
  };
  return (points) => {
    const goesOn = points.length >= seen.count && points[seen.count - 1] === seen.last;
    const keys = goesOn ? seen.keys : new Set<string>();
    for (let j = goesOn ? seen.count : 0; j < points.length; j++) keys.add(pointKey(space, points[j]));
    seen = { count: points.length, last: points.at(-1), keys };
    return keys;
  };
}
