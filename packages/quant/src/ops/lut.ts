import * as v from 'valibot';
import { codeRange, formatWidth } from '../format/code-range.ts';
import type { Format } from '../format/format.ts';
import { broadcastIndices, broadcasts, sizeOf } from '../format/format-table.ts';
import { GraphError } from '../graph/errors.ts';
import type { NodeFields } from '../graph/node.ts';
import { commonShape, type Interval, isZero, largest, max, rangeAt, rangesOf, withZero } from '../graph/ranges.ts';
import { allocateCodes } from '../interpret/values.ts';
import { checkWeights } from './checks.ts';
import { type Inferred, listOf, type OpDefinition } from './definition.ts';
import { periodShape } from './elementwise.ts';
import { format, numbers } from './form.ts';
import { asNumbers } from './linear.ts';

/** A function table addressed by all bits of a code. */
export interface LutTable {
  /** Format of the codes that address it; `2^width` entries, one when the width is 0 or less. */
  readonly from: Format;
  /** Entry `j` belongs to the code whose two's-complement bits, read as an unsigned number, are `j`. */
  readonly codes: readonly number[];
}

/** Any function of one code, by table. All results have `f` fraction bits. On a list only valid slots are looked up. */
export interface LutNode extends NodeFields {
  readonly op: 'lut';
  readonly tables: readonly LutTable[];
  readonly f: number;
  /** Which table an element uses: indices over a shape that broadcasts to the input's. Absent means table 0 for all. */
  readonly choice?: { readonly shape: readonly number[]; readonly index: readonly number[] };
  /** The function as text, for readers and reports. */
  readonly expression?: string;
}

/** Widest code that may address a table. */
export const MAX_TABLE_BITS = 20;

/** A function of one code, by table. */
export const lutOp: OpDefinition<LutNode> = {
  form: {
    tables: v.array(v.strictObject({ from: format, codes: numbers })),
    f: v.number(),
    choice: v.optional(v.strictObject({ shape: numbers, index: numbers })),
    expression: v.optional(v.string()),
  },
  arity: 1,
  allowsDivisor: false,
  takes: 'both',
  infer(node, [x]) {
    checkTables(node, x);
    const choice = node.choice ?? { shape: x.shape.map(() => 1), index: [0] };
    const shape = commonShape(x.ranges.shape, choice.shape);
    const source = broadcastIndices(x.ranges.shape, shape);
    const chosen = broadcastIndices(choice.shape, shape);
    const intervals = Array.from(source, (index, j) => {
      const reached = reach(node, choice.index[chosen[j]], rangeAt(x.ranges, index));
      return x.slots === undefined ? reached : withZero(reached);
    });
    const ranges = rangesOf(shape, intervals);
    return { shape: x.shape, ...listOf(x), divisor: 1, ranges, bound: max(largest(ranges), largest(x.ranges)) };
  },
  prepare(node, [x], _, wide) {
    const period = periodShape(x.inferred);
    const uniform = node.choice === undefined || sizeOf(node.choice.shape) === 1;
    const chosen =
      node.choice === undefined || uniform
        ? new Int32Array(1).fill(node.choice?.index[0] ?? 0)
        : Int32Array.from(broadcastIndices(node.choice.shape, period), (index) => node.choice!.index[index]);
    const sizes = node.tables.map(({ codes }) => codes.length);
    const tables = node.tables.map(({ codes }) => (wide ? codes.map(BigInt) : Float64Array.from(codes)));
    return ([value]) => {
      const codes = allocateCodes(value.codes.length, wide);
      const channels = value.shape.at(-1)!;
      for (let j = 0; j < codes.length; j++) {
        if (value.kind === 'list' && value.valid[Math.floor(j / channels)] === 0) continue;
        const table = chosen[j % chosen.length];
        const code = Number(value.codes[j]);
        // Negative codes are the upper half of the table: two's complement. A constant 0 has one entry.
        asNumbers(codes)[j] = asNumbers(tables[table])[code < 0 ? code + sizes[table] : code];
      }
      return { value: { ...value, codes }, overflow: 0 };
    };
  },
};

/** All results the table gives for an interval of codes. */
function reach({ name, tables, f }: LutNode, index: number, range: Interval): Interval {
  const { from, codes } = tables[index];
  const { lo, hi } = codeRange(from);
  if (!isZero(range) && range.f !== from.f) {
    throw new GraphError(
      name,
      `codes have ${range.f} fraction bits, table ${index} is for ${from.f}`,
      'requantize to the format of the table',
    );
  }
  if (range.lo < lo || range.hi > hi) {
    throw new GraphError(
      name,
      `codes ${range.lo} … ${range.hi} exceed the ${lo} … ${hi} of table ${index}`,
      'requantize to the format of the table',
    );
  }
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let code = Number(range.lo); code <= Number(range.hi); code++) {
    const entry = codes[code < 0 ? code + codes.length : code];
    if (entry < least) least = entry;
    if (entry > most) most = entry;
  }
  return { lo: BigInt(least), hi: BigInt(most), f };
}

function checkTables({ name, tables, choice, f }: LutNode, x: Inferred): void {
  if (tables.length === 0) throw new GraphError(name, 'no tables', 'give at least one');
  for (const [t, { from, codes }] of tables.entries()) {
    const width = formatWidth(from);
    if (!Number.isInteger(width) || width > MAX_TABLE_BITS) {
      throw new GraphError(
        name,
        `table ${t} is addressed by ${width} bits`,
        `use at most ${MAX_TABLE_BITS}: requantize the input`,
      );
    }
    checkWeights(name, `table ${t}`, { shape: [codes.length], codes, f }, [2 ** Math.max(0, width)]);
  }
  if (choice === undefined) return;
  if (!broadcasts(choice.shape, periodShape(x)) || choice.index.length !== sizeOf(choice.shape)) {
    throw new GraphError(
      name,
      `choice has shape [${choice.shape}] and ${choice.index.length} entries`,
      `it must broadcast to [${periodShape(x)}]`,
    );
  }
  const bad = choice.index.find((index) => !Number.isInteger(index) || index < 0 || index >= tables.length);
  if (bad !== undefined)
    throw new GraphError(name, `choice names table ${bad}`, `there are tables 0 … ${tables.length - 1}`);
}
