import { SearchError } from '../errors.ts';
import { haltonSampler } from './halton-sampler.ts';
import { nsga2Sampler } from './nsga2-sampler.ts';
import { randomSampler } from './random-sampler.ts';
import type { Sampler, Search } from './sampler.ts';
import { checkSampler, type SamplerSettings } from './settings.ts';
import { tpeSampler } from './tpe-sampler.ts';

/** The sampler that settings describe. */
export function makeSampler(settings: SamplerSettings, search: Search): Sampler {
  checkSampler(settings, 'makeSampler');
  switch (settings.kind) {
    case 'random':
      return randomSampler(search);
    case 'halton':
      return haltonSampler(search);
    case 'tpe':
      return tpeSampler(settings, search);
    case 'nsga2':
      return nsga2Sampler(settings, search);
    default:
      throw new SearchError(`sampler ${JSON.stringify(settings satisfies never)} is not known`);
  }
}
