import { type Format, formatWidth, type GraphNode, quantize } from '@sp/quant';
import { broadcastIndices, formatAt, type LutTable } from '@sp/quant/internal';
import { fractionBits } from '@sp/quant/numeric';
import { FloatQuantizer } from '../quantizer/float-quantizer.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { activationFormats, scalerShift } from './activation-formats.ts';
import { foldedBeforeCarry, foldsBeforeCarry } from './fold-before-carry.ts';
import { type ElementFunctions, LowerError, type LowerScope } from './lowered.ts';

/** Widest code that may address a table: 2^16 entries. */
export const widestAddress = 16;

/**
 * Functions of the elements of `x` as a node of tables: one per pair of input format and function, with an entry for
 * every code of the format.
 *
 * @throws LowerError when the input is too wide for a table, or a function gives no number.
 */
export function lowerTables(
  scope: LowerScope,
  name: string,
  x: GraphNode,
  functions: ElementFunctions,
  options: { readonly layer: string; readonly expression: string },
): GraphNode {
  const { layer, expression } = options;
  const shape = x.format.shape.map((extent, axis) => Math.max(extent, functions.shape[axis]));
  const formats = broadcastIndices(x.format.shape, shape);
  const variants = broadcastIndices(functions.shape, shape);
  const known = new Map<string, number>();
  const values: { readonly from: Format; readonly entries: readonly number[] }[] = [];
  const index = Array.from(formats, (format, j) => {
    const from = formatAt(x.format, format);
    const key = `${from.k},${from.i},${from.f}:${functions.key(variants[j])}`;
    const found = known.get(key);
    if (found != null) return found;
    known.set(key, values.length);
    values.push({ from, entries: entriesOf(from, functions.at(variants[j]), layer) });
    return values.length - 1;
  });
  const f = values.reduce(
    (most, { entries }) => entries.reduce((m, entry) => Math.max(m, fractionBits(entry)), most),
    0,
  );
  const tables: LutTable[] = values.map(({ from, entries }) => ({
    from,
    codes: entries.map((entry) => entry * 2 ** f + 0),
  }));
  const choice = tables.length === 1 ? {} : { choice: { shape, index } };
  return scope.graph.lut(name, x, { tables, f, ...choice, expression, layer });
}

/** Function values for all codes of a format, in two's-complement order. */
function entriesOf(from: Format, f: (value: number) => number, layer: string): readonly number[] {
  const width = formatWidth(from);
  if (width > widestAddress) {
    throw new LowerError(
      layer,
      `its table would need ${width} address bits; ${widestAddress} is the most.`,
      'Give it an input quantizer with fewer bits.',
    );
  }
  const size = 2 ** Math.max(width, 0);
  return Array.from({ length: size }, (_, address) => {
    const code = from.k === 1 && address >= size / 2 && size > 1 ? address - size : address;
    const value = code * 2 ** -from.f;
    const result = f(value);
    if (Number.isFinite(result)) return result;
    throw new LowerError(
      layer,
      `its function gives ${result} for the input ${value}.`,
      'Narrow the input: a quantizer without sign (k0: false), or SAT.',
    );
  });
}

/**
 * What a quantizer makes of a single number, element by element, without its affine map.
 *
 * @throws LowerError for a dummy quantizer, or one that was not traced.
 */
export function elementQuantizer(quantizer: Quantizer, layer: string): ElementFunctions {
  const { config } = quantizer;
  if (quantizer instanceof FloatQuantizer) {
    const scaler = 2 ** scalerShift(quantizer, layer);
    const { shape, format, quantise } = quantizer.elements();
    return {
      shape,
      key: (index) => Object.values(format(index)).join(),
      at: (index) => (value) => quantise(value / scaler, index) * scaler,
    };
  }
  const formats = activationFormats(quantizer, layer);
  if (formats == null || config.qType === 'dummy' || config.qType === 'float') {
    throw new LowerError(layer, `'${quantizer.name}' is a dummy quantizer: the table has no format.`, 'Quantise it.');
  }
  const { roundMode, overflowMode } = config;
  return {
    shape: formats.shape,
    key: (index) => Object.values(formatAt(formats, index)).join(),
    at: (index) => {
      const format = formatAt(formats, index);
      if (foldsBeforeCarry(config)) return (value) => foldedBeforeCarry(value, format, roundMode);
      return (value) =>
        Number.isNaN(value) || (overflowMode === 'WRAP' && !Number.isFinite(value))
          ? value
          : quantize(value, format, roundMode, overflowMode);
    },
  };
}

/** A minifloat quantizer of activations has no fixed-point format: a table from narrow codes holds its values. */
export function lowerFloatQuantizer(
  scope: LowerScope,
  x: GraphNode,
  quantizer: Quantizer,
  layer: string,
  role: string,
): GraphNode {
  if (x.divisor != null || x.format.f.some((_, j) => formatWidth(formatAt(x.format, j)) > widestAddress)) {
    throw new LowerError(
      layer,
      `minifloat quantizer '${quantizer.name}' has an input of more than ${widestAddress} bits, or an average.`,
      'Put a fixed-point quantizer in front of it, or use one instead.',
    );
  }
  return lowerTables(scope, `${layer}.${role}`, x, elementQuantizer(quantizer, layer), {
    layer,
    expression: 'minifloat(x)',
  });
}
