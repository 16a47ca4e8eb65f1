// Formats

// Exact arithmetic
export type { Fixed } from './arithmetic/fixed.ts';
export {
  addFixed,
  castFixed,
  compareFixed,
  divideFixed,
  multiplyFixed,
  negateFixed,
  shiftFixed,
  subtractFixed,
} from './arithmetic/fixed.ts';
export {
  addFormats,
  dotFormat,
  intersectFormats,
  multiplyFormats,
  negateFormat,
  shiftFormat,
  subtractFormats,
  sumFormat,
} from './arithmetic/formats.ts';
export type { Reciprocal } from './arithmetic/reciprocal.ts';
export { exactReciprocal } from './arithmetic/reciprocal.ts';
export type { CodeRange } from './format/code-range.ts';
export {
  checkFormat,
  codeRange,
  formatRange,
  formatWidth,
  MAX_FORMAT_BITS,
  minimalFormat,
  scaleCode,
} from './format/code-range.ts';
export type { Format, FormatTable, OverflowMode, RoundMode } from './format/format.ts';
export type { ExpandedFormats, FormatArrays } from './format/format-table.ts';
export {
  broadcastIndices,
  broadcasts,
  expandFormats,
  formatAt,
  formatOf,
  formatTable,
  sizeOf,
  tableUnion,
  unionFormats,
} from './format/format-table.ts';
export { minimalIntegerBits, minimalIntegerBitsOfWidth, minimalKif } from './format/minimal.ts';
export { powerOfTwo } from './format/power-of-two.ts';
export type { FixedType, TypeSpec } from './format/type-string.ts';
export { OVERFLOW_MODES, parseType, printType, ROUND_MODES, TypeStringError } from './format/type-string.ts';
// The fixed graph
export { analyse, validate } from './graph/analyse.ts';
export type { AxesOptions, CastModes, FormatChoice, GraphBuilder, NodeOptions } from './graph/builder.ts';
export { graphBuilder } from './graph/builder.ts';
export { GraphError } from './graph/errors.ts';
export type { FixedGraph } from './graph/fixed-graph.ts';
export { layerResults } from './graph/layer-results.ts';
export type { Pads, Weights } from './graph/node.ts';
export { printFormats, printGraph } from './graph/print.ts';
export type { Ranges } from './graph/ranges.ts';
export type { SavedGraph } from './graph/save.ts';
export { loadGraph, saveGraph } from './graph/save.ts';
// The interpreter
export { decode } from './interpret/decode.ts';
export type { InputData, Interpretation, InterpretOptions } from './interpret/interpret.ts';
export { interpret } from './interpret/interpret.ts';
export type { DenseValue, ListValue, Value } from './interpret/values.ts';
// Function tables (expressions as text: '@sp/quant/expression')
export type { LutResult } from './lut/lut-table.ts';
export { lutTable } from './lut/lut-table.ts';
export type { Cast, SoftmaxOptions } from './lut/softmax.ts';
export { softmax } from './lut/softmax.ts';
export { samePads } from './numeric/window-axis.ts';
// Ops from outside
export type { Inferred, Operand, RunContext, Runner } from './ops/definition.ts';
export type { OpExtension } from './ops/extensions.ts';
export { registerOp } from './ops/extensions.ts';
export type * from './ops/nodes.ts';
export { QuantError } from './quant-error.ts';
// Quantisation
export type { Minifloat } from './quantize/minifloat.ts';
export { minifloatRange, quantizeMinifloat } from './quantize/minifloat.ts';
export type { RoundName } from './quantize/modes.ts';
export { overflowMode, roundMode } from './quantize/modes.ts';
export { quantize, quantizeCode } from './quantize/quantize.ts';
export type { ArrayQuantizer, Codes } from './quantize/quantize-array.ts';
export { arrayQuantizer, quantizeArray, quantizeToCodes } from './quantize/quantize-array.ts';
export { requantizeCode, requantizeCodes } from './quantize/requantize.ts';
export { stochasticQuantizer } from './quantize/stochastic.ts';

// What can be done with a graph
export { rebuild } from './simplify/rewrite.ts';
export { simplify } from './simplify/simplify.ts';
export type { NodeStatistics } from './statistics/graph-statistics.ts';
export { graphStatistics } from './statistics/graph-statistics.ts';
