import { LayerError } from '../layer-error.ts';
import { constantConstraint } from '../quantizer/constraint.ts';
import { quantizerConfig } from './quantizer-config.ts';
import type { QuantizerConfig, QuantizerOptions } from './quantizer-settings.ts';

/** Options of the presets: those of `quantizerConfig` that the preset does not fix. */
export type HardConfigOptions = Omit<QuantizerOptions, 'qType' | 'k0' | 'i0' | 'ic' | 'overflowMode' | 'affine'> & {
  /** Default `'kif'`. */
  readonly qType?: 'kif' | 'kbi';
};

/** Options of `hardTanhConfig`. */
export type HardTanhOptions = HardConfigOptions & {
  /** Saturate at −(1 − 2^-f) instead of −1. Default false. */
  readonly symmetric?: boolean;
};

/**
 * A quantizer that is also a hard tanh (hgq2 §3.4): signed, no integer bits, saturating. Outputs lie in [−1, 1 − 2^-f].
 *
 * @throws when options fix what the preset fixes (k0, i0, ic, overflowMode, affine).
 * @example
 * const y = quantizer({ config: hardTanhConfig({ f0: 5 }) }).apply(x);
 */
export function hardTanhConfig({ symmetric = false, ...options }: HardTanhOptions = {}): QuantizerConfig {
  return preset('hardTanhConfig', options, 0, { overflowMode: symmetric ? 'SAT_SYM' : 'SAT', affine: null });
}

/**
 * A quantizer that is also a hard sigmoid, `0.25 · q(x) + 0.5` with q saturating at ±2 (hgq2 §3.4). Outputs lie in
 * [0, 1 − 2^-(f + 2)].
 *
 * @throws when options fix what the preset fixes (k0, i0, ic, overflowMode, affine).
 */
export function hardSigmoidConfig(options: HardConfigOptions = {}): QuantizerConfig {
  return preset('hardSigmoidConfig', options, 1, { overflowMode: 'SAT', affine: [0.25, 0.5] });
}

function preset(
  name: string,
  options: HardConfigOptions,
  i0: number,
  fixed: Pick<QuantizerOptions, 'overflowMode' | 'affine'>,
): QuantizerConfig {
  const set = ['k0', 'i0', 'ic', 'overflowMode', 'affine'].find(
    (key) => (options as Record<string, unknown>)[key] != null,
  );
  if (set != null)
    throw new LayerError(`${name}: ${set} is part of the preset. Leave it out, or use quantizerConfig.`, {
      option: set,
      value: (options as Record<string, unknown>)[set],
    });
  return quantizerConfig({ qType: 'kif', ...options, k0: true, i0, ic: constantConstraint(i0), ...fixed });
}
