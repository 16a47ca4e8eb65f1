import { SearchError } from '../errors.ts';

/** Points drawn evenly. */
export interface RandomSettings {
  readonly kind: 'random';
}

/** Points that fill the space more evenly than chance: a scrambled Halton sequence. */
export interface HaltonSettings {
  readonly kind: 'halton';
}

/** Points that look like the good trials and unlike the others: a tree of Parzen estimators; several objectives by their fronts. */
export interface TpeSettings {
  readonly kind: 'tpe';
  /** Quasi-random trials before anything is concluded. Default 3, and one more per parameter, 10 at most. */
  readonly startup?: number;
  /** Points that are weighed against each other for every trial. Default 64. */
  readonly candidates?: number;
}

/** Points bred from good trials: the steady-state form of NSGA-II. */
export interface Nsga2Settings {
  readonly kind: 'nsga2';
  /** Trials that have offspring. Default 32. */
  readonly population?: number;
  /** How often two parents are mixed; else one is only mutated. Default 0.9. */
  readonly crossover?: number;
  /** How often a parameter is mutated. Default one parameter per point, on average. */
  readonly mutation?: number;
}

/** How points are chosen. */
export type SamplerSettings = RandomSettings | HaltonSettings | TpeSettings | Nsga2Settings;

const KNOWN: Readonly<Record<SamplerSettings['kind'], readonly string[]>> = {
  random: [],
  halton: [],
  tpe: ['startup', 'candidates'],
  nsga2: ['population', 'crossover', 'mutation'],
};

/** @throws SearchError for an unknown sampler, unknown settings, and numbers out of range */
export function checkSampler(settings: SamplerSettings, where: string): void {
  const kind = settings?.kind;
  if (!Object.hasOwn(KNOWN, kind ?? '')) {
    throw new SearchError(`${where}: sampler '${String(kind)}' is none of ${Object.keys(KNOWN).join(', ')}`);
  }
  for (const [name, value] of Object.entries(settings) as [string, unknown][]) {
    if (name === 'kind' || value === undefined) continue;
    if (!KNOWN[kind].includes(name)) {
      const known = KNOWN[kind].length === 0 ? 'has no settings' : `has ${KNOWN[kind].join(', ')}`;
      throw new SearchError(`${where}: the sampler ${kind} has no setting '${name}'; it ${known}`);
    }
    const share = name === 'crossover' || name === 'mutation';
    const least = name === 'population' ? 4 : 1;
    if (share ? !(Number(value) >= 0 && Number(value) <= 1) : !(Number.isInteger(value) && Number(value) >= least)) {
      const asked = share ? 'a share from 0 to 1' : `a whole number ≥ ${least}`;
      throw new SearchError(`${where}: ${name} ${String(value)} of the sampler ${kind} is not ${asked}`);
    }
  }
}
