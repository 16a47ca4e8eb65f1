import type { FixedGraph } from '@sp/quant';
import { partResources } from '@sp/quant/parts';
import { estimateRtl } from '../area/estimate-rtl.ts';
import type { Resources } from '../area/resources.ts';
import { RtlError } from '../errors.ts';
import type { RtlOptions } from '../plan/options.ts';
import { planRtl } from '../plan/plan-rtl.ts';

/** A design that was looked at. */
export interface ExploredDesign {
  readonly name: string;
  /** Makes `planRtl` build it again. */
  readonly options: RtlOptions & { readonly interval: number; readonly levelsPerStage: number };
  readonly latency: number;
  readonly estimate: Resources;
  /** Share of the device's LUTs, where the device is known. */
  readonly percent?: number;
  /** Name of a design that is at least as good in everything and better in something, if there is one. */
  readonly dominatedBy?: string;
}

/** Most that a design may take; LUTs for logic and shift registers together. */
export interface RtlLimits {
  readonly latency?: number;
  readonly lut?: number;
  readonly ff?: number;
  readonly dsp?: number;
}

/** Options of `exploreRtl`. */
export interface ExploreOptions {
  /** Longest interval looked at. Default 8. */
  readonly most?: number;
  readonly limits?: RtlLimits;
  readonly onProgress?: (done: number, of: number) => void;
}

/** Lengths of a stage that are looked at where none is asked for. */
const LEVELS = [5, 8];

/**
 * Designs of a graph for intervals from 1 to `most`, with their latency and estimated area.
 *
 * @param fixed options that all of them have
 * @returns all designs by interval, and of those within the limits the one with the fewest LUTs
 * @throws RtlError or GraphError as `planRtl` does
 */
export function exploreRtl(
  graph: FixedGraph,
  fixed: Omit<RtlOptions, 'interval'> = {},
  { most = 8, limits = {}, onProgress }: ExploreOptions = {},
): { readonly designs: readonly ExploredDesign[]; readonly picked?: ExploredDesign } {
  if (!Number.isInteger(most) || most < 1 || most > 64) {
    throw new RtlError(`the most clocks between two images are ${most}; use a whole number from 1 to 64`);
  }
  const levels = fixed.levelsPerStage === undefined ? LEVELS : [fixed.levelsPerStage];
  const found: ExploredDesign[] = [];
  for (let interval = 1; interval <= most; interval++) {
    for (const levelsPerStage of levels) {
      const options = { ...fixed, interval, levelsPerStage };
      const plan = planRtl(graph, options);
      const estimate = estimateRtl(plan).total;
      const device = partResources(plan.options.part);
      found.push({
        name: `interval ${interval}${levels.length > 1 ? `, ${levelsPerStage} levels` : ''}`,
        options,
        latency: plan.latency,
        estimate,
        ...(device === undefined ? {} : { percent: (100 * (estimate.lut + estimate.srl)) / device.lut }),
      });
      onProgress?.(found.length, most * levels.length);
    }
  }
  const designs = found.map((design): ExploredDesign => {
    const better = found.find((other) => other !== design && dominates(other, design));
    return better === undefined ? design : { ...design, dominatedBy: better.name };
  });
  const within = designs.filter(({ latency, estimate: { lut, srl, ff, dsp } }) => {
    const all = { latency, lut: lut + srl, ff, dsp };
    return (Object.keys(limits) as (keyof RtlLimits)[]).every(
      (key) => all[key] <= (limits[key] ?? Number.POSITIVE_INFINITY),
    );
  });
  const size = ({ estimate: { lut, srl } }: ExploredDesign): number => lut + srl;
  const [picked] = within.sort((a, b) => size(a) - size(b));
  return { designs, ...(picked === undefined ? {} : { picked }) };
}

/** A stage of more levels needs a slower clock: only designs of the same stages are compared. */
function dominates(a: ExploredDesign, b: ExploredDesign): boolean {
  if (a.options.levelsPerStage !== b.options.levelsPerStage) return false;
  const aims = ({ latency, options, estimate: { lut, srl, ff, dsp } }: ExploredDesign): number[] => [
    latency,
    options.interval,
    lut + srl,
    ff,
    dsp,
  ];
  const [p, q] = [aims(a), aims(b)];
  return p.every((x, j) => x <= q[j]) && p.some((x, j) => x < q[j]);
}
