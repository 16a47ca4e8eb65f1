import type { OverflowMode, RoundMode } from '../format/format.ts';
import { OVERFLOW_MODES, ROUND_MODES } from '../format/type-string.ts';
import { QuantError } from '../quant-error.ts';

/** Rounding modes by the reference's names: the two stochastic ones are deterministic there (`hgq2 §1.2`). */
export type RoundName = RoundMode | 'S_RND' | 'S_RND_CONV';

/**
 * The deterministic rounding mode behind a name: `S_RND` → `RND`, `S_RND_CONV` → `RND_CONV`, others unchanged.
 *
 * @throws QuantError for an unknown name
 */
export function roundMode(name: string): RoundMode {
  const plain = name.startsWith('S_RND') ? name.slice(2) : name;
  const found = ROUND_MODES.find((mode) => mode === plain);
  if (found === undefined || (plain !== name && plain !== 'RND' && plain !== 'RND_CONV')) {
    throw new QuantError(`unknown rounding mode "${name}"; use one of ${ROUND_MODES.join(', ')}, S_RND, S_RND_CONV`);
  }
  return found;
}

/**
 * Checks an overflow mode's name.
 *
 * @throws QuantError for an unknown name; `SYM`, listed in the reference's documents but never implemented, is explained
 */
export function overflowMode(name: string): OverflowMode {
  const found = OVERFLOW_MODES.find((mode) => mode === name);
  if (found === undefined) {
    const hint =
      name === 'SYM' ? ': symmetric saturation is called SAT_SYM' : `; use one of ${OVERFLOW_MODES.join(', ')}`;
    throw new QuantError(`unknown overflow mode "${name}"${hint}`);
  }
  return found;
}
