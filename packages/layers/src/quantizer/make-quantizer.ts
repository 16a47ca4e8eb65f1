import type { QuantizerConfig } from '../config/quantizer-settings.ts';
import { DummyQuantizer } from './dummy-quantizer.ts';
import { FixedQuantizer } from './fixed-quantizer.ts';
import { FloatQuantizer } from './float-quantizer.ts';
import type { Quantizer } from './quantizer.ts';

/** The quantizer that `config` describes. `name`: `layer/iq` and the like. */
export function makeQuantizer(config: QuantizerConfig, name: string): Quantizer {
  if (config.qType === 'dummy') return new DummyQuantizer(config, name);
  return config.qType === 'float' ? new FloatQuantizer(config, name) : new FixedQuantizer(config, name);
}
