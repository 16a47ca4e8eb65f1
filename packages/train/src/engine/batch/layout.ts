import type { Part } from './part.ts';
import type { SiteBatch, Sites } from './site-batch.ts';

/** Which elements of each image a buffer holds, channels last; the others are 0. */
export interface Layout {
  readonly channels: number;
  /** Sites of the batch; `channels` numbers each. */
  sites(batch: SiteBatch): Sites;
}

/** Features of the sites of a level. */
export function siteLayout(level: number, channels: number): Layout {
  return { channels, sites: ({ levels }) => levels[level] };
}

/** Whole vectors of `width` numbers: one site per image. */
export function vectorLayout(width: number): Layout {
  return { channels: width, sites: ({ vectors }) => vectors };
}

/** First and last number of a part. */
export function numbersOf({ base }: Sites, channels: number, { from, to }: Part): readonly [number, number] {
  return [base.view[from] * channels, base.view[to] * channels];
}
