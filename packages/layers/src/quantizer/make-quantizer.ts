import type { QuantizerConfig } from '../config/quantizer-config.ts';
import { DummyQuantizer } from './dummy-quantizer.ts';
import { FixedQuantizer } from './fixed-quantizer.ts';
import type { Quantizer } from './quantizer.ts';

/** The quantizer that `config` describes. `name`: `layer/iq` and the like. */
export function makeQuantizer(config: QuantizerConfig, name: string): Quantizer {
  return config.qType === 'dummy' ? new DummyQuantizer(config, name) : new FixedQuantizer(config, name);
}
