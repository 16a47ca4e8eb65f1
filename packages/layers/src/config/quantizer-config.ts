import { LayerError } from '../layer-error.ts';
import { defaultQuantizerType, defaultsOf, floatDefaultsOf } from './default-table.ts';
import { normaliseParameters } from './parameters.ts';
import type {
  FixedQuantizerConfig,
  FloatQuantizerConfig,
  QuantizerConfig,
  QuantizerOptions,
} from './quantizer-settings.ts';

/**
 * Makes the settings of one quantizer (hgq2 §3.1).
 *
 * Precedence: `options` over the innermost `quantizerConfigScope` over outer scopes over the library's table
 * (hgq2 §3.2, version ≥ 0.1.9). Defaults are captured now, when the config is made, not when the layer is built.
 * Note the default of activations: one format **per position** (`homogeneousAxis: [0]`), as in HGQ2. Slots of a sparse
 * list have no fixed pixel, so hardware is much cheaper with one format per channel: `heterogeneousAxis: [-1]`.
 *
 * @throws on unknown parameters, both axis lists at once, and values out of range.
 * @example
 * const iq = quantizerConfig({ i0: 4, f0: 8, heterogeneousAxis: [-1] }); // kif datalane, WRAP
 */
export function quantizerConfig(options: QuantizerOptions = {}): QuantizerConfig {
  const { qType: wanted = 'default', place = 'datalane', ...given } = options;
  const qType = wanted === 'default' ? defaultQuantizerType(place) : wanted;
  if (qType === 'dummy') return Object.freeze({ qType, place });
  const parameters = normaliseParameters(given, qType, `quantizerConfig({ qType: '${qType}', place: '${place}' })`);
  if (qType === 'float') {
    const config: FloatQuantizerConfig = { ...floatDefaultsOf(place), ...parameters, qType, place };
    requireOneAxisList(config);
    return Object.freeze(config);
  }
  const config: FixedQuantizerConfig = { ...defaultsOf(qType, place), ...parameters, qType, place };
  return Object.freeze(checked(config));
}

function checked(config: FixedQuantizerConfig): FixedQuantizerConfig {
  const { qType, place, i0 } = config;
  const where = `Quantizer (${qType}, ${place})`;
  requireOneAxisList(config);
  if (qType === 'kbi' && (config.b0 ?? 0) < 0)
    throw new LayerError(`${where}: b0 = ${config.b0} must not be negative. Give a width of 0 or more.`, {
      option: 'b0',
      value: config.b0,
    });
  if (qType === 'kif' && i0 + (config.f0 ?? 0) < 0) {
    throw new LayerError(`${where}: i0 + f0 = ${i0 + (config.f0 ?? 0)} must not be negative. Raise one of them.`, {
      option: 'f0',
      value: config.f0,
    });
  }
  return config;
}

function requireOneAxisList(config: FixedQuantizerConfig | FloatQuantizerConfig): void {
  if ((config.homogeneousAxis == null) !== (config.heterogeneousAxis == null)) return;
  throw new LayerError(
    `Quantizer (${config.qType}, ${config.place}): give exactly one of homogeneousAxis and heterogeneousAxis.`,
    { option: 'homogeneousAxis', value: config.homogeneousAxis },
  );
}
