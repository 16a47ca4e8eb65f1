// Formats

export { codeRange, formatRange, formatWidth } from './format/code-range.ts';
export type { Format, OverflowMode, RoundMode } from './format/format.ts';
export { expandFormats, formatOf, formatTable, sizeOf } from './format/format-table.ts';
export { minimalIntegerBits, minimalKif } from './format/minimal.ts';
export { parseType, printType, TypeStringError } from './format/type-string.ts';

// Exact arithmetic

export {
  addFixed,
  castFixed,
  compareFixed,
  divideFixed,
  type Fixed,
  multiplyFixed,
  negateFixed,
  shiftFixed,
  subtractFixed,
} from './arithmetic/fixed.ts';
export { addFormats, dotFormat, multiplyFormats, subtractFormats, sumFormat } from './arithmetic/formats.ts';
export { exactReciprocal } from './arithmetic/reciprocal.ts';

// Quantisation

export { quantizeMinifloat } from './quantize/minifloat.ts';
export { overflowMode, roundMode } from './quantize/modes.ts';
export { quantize, quantizeCode } from './quantize/quantize.ts';
export { arrayQuantizer, type Codes, quantizeArray, quantizeToCodes } from './quantize/quantize-array.ts';
export { requantizeCode, requantizeCodes } from './quantize/requantize.ts';
export { stochasticQuantizer } from './quantize/stochastic.ts';

// The fixed graph

export { analyse, validate } from './graph/analyse.ts';
export { graphBuilder } from './graph/builder.ts';
export type { FixedGraph } from './graph/fixed-graph.ts';
export { layerResults } from './graph/layer-results.ts';
export type { Weights } from './graph/node.ts';
export { printGraph } from './graph/print.ts';
export { loadGraph, saveGraph } from './graph/save.ts';

// The nodes of a graph

export { samePads } from './numeric/window-axis.ts';
export type { GraphNode } from './ops/nodes.ts';

// What can be done with a graph

export { simplify } from './simplify/simplify.ts';
export { graphStatistics } from './statistics/graph-statistics.ts';

// The interpreter

export { decode } from './interpret/decode.ts';
export { interpret } from './interpret/interpret.ts';

// Function tables (expressions as text: '@sp/quant/expression')

export { lutTable } from './lut/lut-table.ts';
export { softmax } from './lut/softmax.ts';

// Ops from outside

export { type OpExtension, registerOp } from './ops/extensions.ts';

// Errors

export { GraphError } from './graph/errors.ts';
export { QuantError } from './quant-error.ts';
