import { type Dataset, pixelsPerImage } from '../data/dataset.ts';
import { OptionError } from '../option-error.ts';

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
}

/**
 * The smallest budget `n` with which some threshold keeps the wanted share of hits or of intensity, the threshold with which it keeps most,
 * or undefined if no budget up to `maxN` keeps that much. Candidates are up to 64 of the values that occur in the data (a threshold between
 * two of them would select the same pixels).
 *
 * @throws OptionError unless `0 < keep ≤ 1`.
 */
export function suggestReduction(dataset: Dataset, options: SuggestionOptions): ReductionSuggestion | undefined {
  const { keep, of = 'intensity', maxN = dataset.shape[0] * dataset.shape[1] } = options;
  if (!(keep > 0 && keep <= 1)) throw new OptionError(`suggestReduction: keep ${keep} is not in (0, 1]`);
  const curves = candidateThresholds(dataset).map((threshold) => keptByBudget(dataset, threshold, maxN));
  const wanted = of === 'hits' ? 'keptHits' : 'keptIntensity';
  for (let n = 1; n <= maxN; n++) {
    const enough = curves.map((curve) => curve[n - 1]).filter((suggestion) => suggestion[wanted] >= keep);
    if (enough.length > 0) return enough.reduce((best, next) => (next[wanted] > best[wanted] ? next : best));
  }
  return undefined;
}

const mostCandidates = 64;

function candidateThresholds({ images, shape }: Dataset): readonly number[] {
  const values = new Set<number>([0]);
  for (let p = 0; p < images.length; p += shape[2]) if (images[p] > 0) values.add(images[p]);
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length <= mostCandidates) return sorted;
  return Array.from({ length: mostCandidates }, (_, j) => sorted[Math.floor((j * sorted.length) / mostCandidates)]);
}

/** What each budget `1 … maxN` keeps with one threshold. */
function keptByBudget(
  { images, labels, shape }: Dataset,
  threshold: number,
  maxN: number,
): readonly ReductionSuggestion[] {
  const pixels = pixelsPerImage(shape);
  const hits = new Float64Array(maxN);
  const intensity = new Float64Array(maxN);
  let allHits = 0;
  let allIntensity = 0;
  for (let j = 0; j < labels.length; j++) {
    let place = 0;
    for (let p = j * pixels; p < (j + 1) * pixels; p += shape[2]) {
      const value = images[p];
      if (value > 0) {
        allHits++;
        allIntensity += value;
      }
      if (value <= threshold || place >= maxN) continue;
      hits[place]++;
      intensity[place] += value;
      place++;
    }
  }
  let keptHits = 0;
  let keptIntensity = 0;
  return Array.from(hits, (_, place) => {
    keptHits += hits[place] / Math.max(1, allHits);
    keptIntensity += intensity[place] / (allIntensity || 1);
    return { n: place + 1, threshold, keptHits, keptIntensity };
  });
}
