import type { Dataset } from '../data/dataset.ts';
import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';
import { type ActiveList, activeList, distinctPositive } from './active-list.ts';

/** A budget and threshold to start from, and what they keep. */
export interface ReductionSuggestion {
  readonly n: number;
  readonly threshold: number;
  /** Share of all pixels > 0 that enter the network. */
  readonly keptHits: number;
  /** Share of the summed intensity of pixels > 0 that enters the network. */
  readonly keptIntensity: number;
}

/** What a suggestion has to keep. */
export interface SuggestionOptions {
  /** Wanted share, 0 … 1. */
  readonly keep: number;
  /** What the share is of. Default 'intensity'. */
  readonly of?: 'hits' | 'intensity';
  /** Largest budget to suggest. Default every pixel. */
  readonly maxN?: number;
  /** Is told how many of the candidate thresholds have been tried. */
  readonly progress?: (done: number, total: number) => void;
}

/**
 * The smallest budget `n` with which some threshold keeps the wanted share of hits or of intensity, the threshold with which it keeps most,
 * or undefined if no budget up to `maxN` keeps that much. Candidates are up to 64 of the values that occur in the data (a threshold between
 * two of them would select the same pixels).
 *
 * Only pixels above 0 are looked at again for each candidate; candidates that keep too little without any budget are left out, and no image is
 * followed beyond the smallest budget known to suffice.
 *
 * @throws OptionError for unknown options, and unless `0 < keep ≤ 1`.
 */
export function suggestReduction(dataset: Dataset, options: SuggestionOptions): ReductionSuggestion | undefined {
  checkOptionNames(options, ['keep', 'of', 'maxN', 'progress'], 'suggestReduction');
  const { keep, of = 'intensity', maxN = dataset.shape[0] * dataset.shape[1], progress } = options;
  if (!(keep > 0 && keep <= 1)) throw new OptionError(`suggestReduction: keep ${keep} is not in (0, 1]`);
  if (of !== 'hits' && of !== 'intensity') {
    throw new OptionError(`suggestReduction: of '${String(of)}' is neither 'hits' nor 'intensity'`);
  }
  const list = rankedList(dataset);
  const total = list.thresholds.length;
  const curves: { readonly threshold: number; readonly curve: Curve }[] = [];
  let budget = maxN;
  let enough = false;
  // High thresholds need the smallest budgets, as long as they keep enough at all.
  for (let candidate = total - 1; candidate >= 0; candidate--) {
    if (list.above[of][candidate] >= keep - rounding) {
      const curve = keptByBudget(list, candidate, budget);
      const reached = curve[of].findIndex((share) => share >= keep);
      if (reached >= 0) [enough, budget] = [true, reached + 1];
      curves.push({ threshold: list.thresholds[candidate], curve });
    }
    progress?.(total - candidate, total);
  }
  if (!enough) return undefined;
  let best: ReductionSuggestion | undefined;
  const share = of === 'hits' ? 'keptHits' : 'keptIntensity';
  for (const { threshold, curve } of curves.reverse()) {
    const [keptHits, keptIntensity] = [curve.hits[budget - 1], curve.intensity[budget - 1]];
    const next = { n: budget, threshold, keptHits, keptIntensity };
    if (next[share] >= keep && (best === undefined || next[share] > best[share])) best = next;
  }
  return best;
}

const mostCandidates = 64;

/** Shares added up in another order differ by less. */
const rounding = 1e-6;

/** Shares that the budgets 1, 2, … keep. */
interface Curve {
  readonly hits: Float64Array;
  readonly intensity: Float64Array;
}

interface RankedList extends ActiveList {
  readonly thresholds: readonly number[];
  /** How many of the thresholds each value is above. */
  readonly ranks: Uint8Array;
  readonly allHits: number;
  readonly allIntensity: number;
  /** Shares that lie above each threshold, whatever the budget. */
  readonly above: Curve;
}

function rankedList(dataset: Dataset): RankedList {
  const list = activeList(dataset);
  const thresholds = candidateThresholds(list.values);
  const { values } = list;
  const ranks = new Uint8Array(values.length);
  const hits = new Float64Array(thresholds.length + 1);
  const intensity = new Float64Array(thresholds.length + 1);
  let allIntensity = 0;
  for (let p = 0; p < values.length; p++) {
    const value = values[p];
    let low = 0;
    let high = thresholds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (thresholds[middle] < value) low = middle + 1;
      else high = middle;
    }
    ranks[p] = low;
    hits[low]++;
    intensity[low] += value;
    allIntensity += value;
  }
  const sumsAbove = (ofRank: Float64Array, all: number): Float64Array => {
    const sums = new Float64Array(thresholds.length);
    let sum = 0;
    for (let rank = thresholds.length; rank > 0; rank--) {
      sum += ofRank[rank];
      sums[rank - 1] = sum / (all || 1);
    }
    return sums;
  };
  const above = { hits: sumsAbove(hits, values.length), intensity: sumsAbove(intensity, allIntensity) };
  return { ...list, thresholds, ranks, allHits: values.length, allIntensity, above };
}

function candidateThresholds(values: Float32Array): readonly number[] {
  const distinct = distinctPositive(values);
  // 0 comes before all values above it.
  const count = distinct.length + 1;
  const at = (index: number): number => (index === 0 ? 0 : distinct[index - 1]);
  if (count <= mostCandidates) return Array.from({ length: count }, (_, index) => at(index));
  return Array.from({ length: mostCandidates }, (_, j) => at(Math.floor((j * count) / mostCandidates)));
}

/** What each budget `1 … maxN` keeps with one threshold. */
function keptByBudget(list: RankedList, candidate: number, maxN: number): Curve {
  const { values, starts, ranks, allHits, allIntensity } = list;
  const hits = new Float64Array(maxN);
  const intensity = new Float64Array(maxN);
  for (let j = 0; j + 1 < starts.length; j++) {
    const end = starts[j + 1];
    for (let p = starts[j], place = 0; p < end && place < maxN; p++) {
      if (ranks[p] <= candidate) continue;
      hits[place]++;
      intensity[place++] += values[p];
    }
  }
  let keptHits = 0;
  let keptIntensity = 0;
  for (let place = 0; place < maxN; place++) {
    hits[place] = keptHits += hits[place] / Math.max(1, allHits);
    intensity[place] = keptIntensity += intensity[place] / (allIntensity || 1);
  }
  return { hits, intensity };
}
