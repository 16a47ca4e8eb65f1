import type * as tf from '@tensorflow/tfjs';
import { quantizerConfig } from './quantizer-config.ts';
import type { Place, QuantizerConfig, QuantizerOptions } from './quantizer-settings.ts';

/** A quantizer config as JSON-safe data for `getConfig`; infinities become text. */
export function quantizerToConfig(config: QuantizerConfig): tf.serialization.ConfigDict {
  return jsonSafe(config) as tf.serialization.ConfigDict;
}

/**
 * The quantizer a layer shall use: what the user gave (complete, partial, or read from a file) over the defaults of
 * `place` now in force.
 */
export function resolveQuantizer(
  given: QuantizerOptions | QuantizerConfig | null | undefined,
  place: Place,
): QuantizerConfig {
  return quantizerConfig({ ...given, place: given?.place ?? place } as QuantizerOptions);
}

function jsonSafe(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (Array.isArray(value)) return value.map(jsonSafe);
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
    return Object.fromEntries(entries.map(([name, entry]) => [name, jsonSafe(entry)]));
  }
  return value;
}
