import { parseType } from '@sp/quant';
import { OptionError } from '../../option-error.ts';

/** How a layer is built in firmware (hls4ml §1.2, there `hls4mlAttributes`). */
export interface HardwareAttributes {
  /** Inputs of the product: all inputs of a dense layer; `kh · kw` of a convolution, as upstream has it, without the channels. */
  readonly nIn: number;
  /** Outputs of the product: of a convolution, its filters. */
  readonly nOut: number;
  /** Inputs that are multiplied for one output: `nIn` of a dense layer, `kh · kw · channels` of a convolution. */
  readonly multNIn: number;
  readonly ioType: 'io_parallel' | 'io_stream';
  readonly strategy: 'latency' | 'resource';
  /** Type of the weights: `ap_fixed<16,6>`, `ap_int<8>`, …; no `auto`. */
  readonly weightPrecision: string;
  /** Type of the results. */
  readonly outputPrecision: string;
  /** How often a multiplier is used. */
  readonly reuseFactor: number;
  /** Positions of a convolution that are computed at once. Default 1. */
  readonly parallelizationFactor: number;
}

/** As `HardwareAttributes`, with upstream's capitals in the strategy, and without what can be left out. */
export interface HardwareSettings
  extends Omit<HardwareAttributes, 'strategy' | 'parallelizationFactor' | 'multNIn'>,
    Partial<Pick<HardwareAttributes, 'parallelizationFactor' | 'multNIn'>> {
  readonly strategy: string;
}

/**
 * Checked attributes.
 *
 * @param where named in errors, e.g. `Layer 'dense1'`
 * @throws OptionError for a precision that is no explicit fixed-point or integer type, a strategy other than latency and resource in either
 * spelling, another I/O type, and sizes that are not whole numbers ≥ 1
 */
export function hardwareAttributes(given: HardwareSettings, where = 'hardwareAttributes'): HardwareAttributes {
  const { nIn, nOut, ioType, weightPrecision, outputPrecision, reuseFactor } = given;
  const { multNIn = nIn, parallelizationFactor = 1 } = given;
  if (ioType !== 'io_parallel' && ioType !== 'io_stream') {
    throw new OptionError(`${where}: ioType '${String(ioType)}' is none of io_parallel, io_stream`);
  }
  const strategy = strategyOf(given.strategy, where);
  widthOfPrecision(weightPrecision, `${where}: weightPrecision`);
  widthOfPrecision(outputPrecision, `${where}: outputPrecision`);
  for (const [name, value] of Object.entries({ nIn, nOut, multNIn, reuseFactor, parallelizationFactor })) {
    if (!Number.isInteger(value) || value < 1)
      throw new OptionError(`${where}: ${name} ${value} is not a whole number ≥ 1`);
  }
  return { nIn, nOut, multNIn, ioType, strategy, weightPrecision, outputPrecision, reuseFactor, parallelizationFactor };
}

/** Bits of a type string. @throws OptionError for `auto` and what is no fixed-point or integer type */
export function widthOfPrecision(text: unknown, where: string): number {
  if (typeof text !== 'string')
    throw new OptionError(`${where} ${String(text)} is no type; give ap_fixed<W,I> or ap_int<W>`);
  let type: ReturnType<typeof parseType>;
  try {
    type = parseType(text);
  } catch (cause) {
    throw new OptionError(`${where}: ${(cause as Error).message}`, { cause });
  }
  if (type.kind === 'auto') {
    throw new OptionError(`${where} 'auto' has no width yet; give ap_fixed<W,I> or ap_int<W>`);
  }
  const { k, i, f } = type.format;
  return k + i + f;
}

function strategyOf(given: unknown, where: string): 'latency' | 'resource' {
  const lower = typeof given === 'string' ? given.toLowerCase() : '';
  if (lower === 'latency' || lower === 'resource') return lower;
  const hint =
    lower === 'unrolled' || lower === 'resource_unrolled'
      ? "; 'Unrolled' of the documentation is the key 'resource_unrolled', for which there are no estimates: give 'resource'"
      : '';
  throw new OptionError(`${where}: strategy '${String(given)}' is none of latency, resource${hint}`);
}
