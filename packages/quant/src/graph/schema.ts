/** The form of a fixed graph as data, checked before anything looks inside. */
import * as v from 'valibot';
import { OVERFLOW_MODES, ROUND_MODES } from '../format/type-string.ts';
import { GraphError } from './errors.ts';
import type { FixedGraph } from './types.ts';

// Arrays of codes can be long: one predicate per array instead of one schema call per entry. An index loop sees the holes of a sparse array.
function allEntries(input: unknown, accepts: (entry: unknown) => boolean): boolean {
  if (!Array.isArray(input)) return false;
  for (let j = 0; j < input.length; j++) if (!accepts(input[j])) return false;
  return true;
}
const numbers = v.custom<readonly number[]>(
  (input) => allEntries(input, Number.isFinite),
  'expected an array of numbers',
);
const bits = v.custom<readonly (0 | 1)[]>(
  (input) => allEntries(input, (entry) => entry === 0 || entry === 1),
  'expected an array of 0 and 1',
);
const name = v.pipe(v.string(), v.nonEmpty());
const table = v.strictObject({ shape: numbers, k: bits, i: numbers, f: numbers });
const weights = v.strictObject({ shape: numbers, codes: numbers, f: v.number() });
const round = v.picklist(ROUND_MODES);
const overflow = v.picklist(OVERFLOW_MODES);
const format = v.strictObject({ k: v.picklist([0, 1]), i: v.number(), f: v.number() });
const mode = v.picklist(['avg', 'max']);
const pair = v.strictTuple([v.number(), v.number()]);

/** What JSON holds. */
const data: v.GenericSchema = v.union([
  v.string(),
  v.pipe(v.number(), v.finite()),
  v.boolean(),
  v.null(),
  v.array(v.lazy(() => data)),
  v.record(
    v.string(),
    v.lazy(() => data),
  ),
]);

const fields = {
  name,
  inputs: v.array(name),
  shape: numbers,
  format: table,
  slots: v.optional(v.number()),
  divisor: v.optional(v.number()),
  layer: v.optional(v.string()),
};

const node = v.variant('op', [
  v.strictObject({ op: v.literal('input'), ...fields, round, overflow }),
  v.strictObject({ op: v.literal('constant'), ...fields, value: weights }),
  v.strictObject({ op: v.literal('requantize'), ...fields, to: table, round, overflow }),
  v.strictObject({ op: v.literal('reduce'), ...fields, slots: v.number(), threshold: v.number() }),
  v.strictObject({
    op: v.literal('sparseConv2d'),
    ...fields,
    slots: v.number(),
    kernel: weights,
    bias: v.optional(weights),
  }),
  v.strictObject({
    op: v.literal('sparsePool2d'),
    ...fields,
    slots: v.number(),
    mode,
    pool: pair,
  }),
  v.strictObject({ op: v.literal('sparseFlatten'), ...fields }),
  v.strictObject({ op: v.literal('dense'), ...fields, kernel: weights, bias: v.optional(weights) }),
  v.strictObject({
    op: v.literal('conv1d'),
    ...fields,
    kernel: weights,
    bias: v.optional(weights),
    stride: v.number(),
    pads: pair,
    dilation: v.number(),
    groups: v.number(),
  }),
  v.strictObject({
    op: v.literal('conv2d'),
    ...fields,
    kernel: weights,
    bias: v.optional(weights),
    strides: pair,
    pads: v.strictTuple([pair, pair]),
    dilation: pair,
    groups: v.number(),
  }),
  v.strictObject({
    op: v.literal('pool1d'),
    ...fields,
    mode,
    pool: v.number(),
    stride: v.number(),
    pads: pair,
    countPads: v.boolean(),
  }),
  v.strictObject({
    op: v.literal('pool2d'),
    ...fields,
    mode,
    pool: pair,
    strides: pair,
    pads: v.strictTuple([pair, pair]),
    countPads: v.boolean(),
  }),
  v.strictObject({ op: v.literal('relu'), ...fields }),
  v.strictObject({ op: v.literal('leakyRelu'), ...fields, alpha: weights }),
  v.strictObject({
    op: v.literal('scaleOffset'),
    ...fields,
    scale: weights,
    offset: v.optional(weights),
    over: v.optional(v.number()),
  }),
  v.strictObject({
    op: v.literal('lut'),
    ...fields,
    tables: v.array(v.strictObject({ from: format, codes: numbers })),
    f: v.number(),
    choice: v.optional(v.strictObject({ shape: numbers, index: numbers })),
    expression: v.optional(v.string()),
  }),
  v.strictObject({ op: v.literal('argmax'), ...fields, result: v.picklist(['index', 'oneHot']) }),
  ...(['add', 'sub', 'mul', 'max', 'min'] as const).map((op) => v.strictObject({ op: v.literal(op), ...fields })),
  v.strictObject({ op: v.literal('concat'), ...fields, axis: v.number() }),
  ...(['sumOver', 'meanOver', 'maxOver', 'minOver'] as const).map((op) =>
    v.strictObject({ op: v.literal(op), ...fields, axes: numbers, keepDims: v.boolean() }),
  ),
  v.strictObject({ op: v.literal('reshape'), ...fields }),
  v.strictObject({ op: v.literal('transpose'), ...fields, perm: numbers }),
  v.strictObject({ op: v.literal('take'), ...fields, axis: v.number(), indices: numbers }),
  v.strictObject({ op: v.literal('pad'), ...fields, pads: v.array(pair) }),
  v.strictObject({ op: v.literal('einsum'), ...fields, equation: v.string() }),
  v.strictObject({ op: v.literal('extension'), ...fields, extension: name, attributes: v.record(v.string(), data) }),
]);

const graph = v.strictObject({ version: v.literal(1), name: v.string(), nodes: v.array(node), outputs: v.array(name) });

/**
 * The data as a fixed graph if it has the form of one. Whether it makes sense is `validate`'s business.
 *
 * @throws GraphError naming the first field that is wrong
 */
export function checkForm(data: unknown): FixedGraph {
  const result = v.safeParse(graph, data, { abortEarly: true });
  if (result.success) return data as FixedGraph;
  const issue = result.issues[0];
  const path = issue.path?.map(({ key }) => String(key)).join('.') ?? 'graph';
  const op = path.endsWith('.op') ? 'use an op of this version of the format' : 'correct or remove this field';
  throw new GraphError(path, issue.message, op);
}
