import { reject, requireFinite, requireSome } from '../spec/checks.ts';
import { type FigureOptions, figure, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { grouped, percent, superscript, tidy } from '../spec/numbers.ts';

/** Sizes of the values of one tensor: quantiles of |x| over the values that are not zero. */
export interface ValueSummary {
  /** Number of values seen. */
  readonly count: number;
  /** How many of them were exactly zero. */
  readonly zeros: number;
  /** Smallest, 25 %, median, 75 % and largest |x| among the others; absent when all were zero. */
  readonly magnitudes?: readonly [number, number, number, number, number] | undefined;
}

/** One tensor compared with the type that holds it. */
export interface ProfileEntry {
  readonly name: string;
  readonly values: ValueSummary;
  /** The type's sign bit, integer bits without sign, and fraction bits. Absent: not quantised. */
  readonly format?: { readonly k: number; readonly i: number; readonly f: number } | undefined;
  /** How many values fell outside the type's range. */
  readonly overflow?: number | undefined;
}

/**
 * Summarises values for `profilePlot`.
 *
 * @throws FigureError when there is no value or one is not finite.
 */
export function summarizeValues(values: ArrayLike<number>): ValueSummary {
  requireSome('summarizeValues', 'values', values.length);
  const sizes: number[] = [];
  for (let index = 0; index < values.length; index++) {
    requireFinite('summarizeValues', `value ${index}`, values[index]);
    if (values[index] !== 0) sizes.push(Math.abs(values[index]));
  }
  const zeros = values.length - sizes.length;
  if (sizes.length === 0) return { count: values.length, zeros };
  const sorted = Float64Array.from(sizes).sort();
  const at = (share: number) => {
    const position = share * (sorted.length - 1);
    const low = Math.floor(position);
    const high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (position - low) * (sorted[high] - sorted[low]);
  };
  return { count: values.length, zeros, magnitudes: [at(0), at(0.25), at(0.5), at(0.75), at(1)] };
}

/**
 * Sizes of values against the range of their types on a logarithmic axis: a box per tensor over a bar from the type's
 * step to its upper end. A box beyond the right end overflows, one beyond the left end is rounded away.
 *
 * @throws FigureError when there is no entry, or a number is out of range.
 */
export function profilePlot(entries: readonly ProfileEntry[], options: FigureOptions = {}): VegaLiteSpec {
  requireSome('profilePlot', 'entries', entries.length);
  const theme = themeOf('profilePlot', options);
  const types: JsonObject[] = [];
  const boxes: JsonObject[] = [];
  const notes: JsonObject[] = [];
  for (const { name, values, format, overflow = 0 } of entries) {
    if (!(values.count > 0))
      reject('profilePlot', `values.count of '${name}'`, `is ${values.count}`, 'give the number of values');
    for (const field of ['k', 'i', 'f'] as const) {
      const bits = format?.[field] ?? 0;
      if (!Number.isInteger(bits))
        reject('profilePlot', `format.${field} of '${name}'`, `is ${bits}`, 'give whole bits');
    }
    if (format !== undefined && format.i + format.f > 0) types.push({ name, low: -format.f, high: format.i });
    if (values.magnitudes) {
      const [min, p25, p50, p75, max] = values.magnitudes.map((size) => {
        if (!(size > 0 && size < Number.POSITIVE_INFINITY))
          reject(
            'profilePlot',
            `magnitudes of '${name}'`,
            `hold ${size}`,
            'give finite positive sizes of non-zero values',
          );
        return tidy(Math.log2(size), 5);
      });
      boxes.push({ name, min, p25, p50, p75, max });
    }
    const zeros = values.zeros > 0 ? [`${percent(values.zeros / values.count, 0)} zero`] : [];
    const lost = overflow > 0 ? [`${grouped(overflow)} overflow`] : [];
    const empty = format !== undefined && format.k + format.i + format.f <= 0 ? ['type is constant 0'] : [];
    notes.push({ name, text: [...lost, ...empty, ...zeros].join(', '), bad: overflow > 0 });
  }
  const ends = [
    ...types.flatMap(({ low, high }) => [low, high]),
    ...boxes.flatMap(({ min, max }) => [min, max]),
  ] as number[];
  const domain =
    ends.length === 0 ? [-1, 1] : [Math.floor(Math.min(...ends)) - 0.5, Math.ceil(Math.max(...ends)) + 0.5];
  const stride = Math.ceil((domain[1] - domain[0]) / 11);
  const exponents: number[] = [];
  for (let power = Math.ceil(domain[0] / stride) * stride; power <= domain[1]; power += stride) exponents.push(power);
  const labels = Object.fromEntries(exponents.map((power) => [power, `2${superscript(power)}`]));
  const y = {
    field: 'name',
    type: 'nominal',
    sort: null,
    title: null,
    scale: { domain: entries.map(({ name }) => name) },
    axis: { domain: false, ticks: false, labelPadding: 8, grid: true },
  };
  const x = (field: string) => ({
    field,
    type: 'quantitative',
    title: '|value| (log scale)',
    scale: { domain, nice: false, zero: false },
    axis: { values: exponents, labelExpr: `${JSON.stringify(labels)}[datum.value]` },
  });
  const layer = [
    {
      data: rows(types),
      mark: { type: 'bar', color: theme.sequential[1], opacity: 0.55, height: { band: 0.78 } },
      encoding: { y, x: x('low'), x2: { field: 'high' } },
    },
    {
      data: rows(boxes),
      mark: { type: 'rule', strokeWidth: 2, color: theme.text },
      encoding: { y, x: x('min'), x2: { field: 'max' } },
    },
    {
      data: rows(boxes),
      mark: { type: 'bar', color: theme.accent, height: { band: 0.42 } },
      encoding: { y, x: x('p25'), x2: { field: 'p75' } },
    },
    {
      data: rows(boxes),
      mark: { type: 'tick', color: theme.text, thickness: 2.5, height: { band: 0.62 } },
      encoding: { y, x: x('p50') },
    },
    {
      data: rows(notes),
      mark: { type: 'text', align: 'left', dx: 10 },
      encoding: {
        y,
        x: { value: 'width' },
        text: { field: 'text', type: 'nominal' },
        color: { condition: { test: 'datum.bad', value: theme.warning }, value: theme.muted },
      },
    },
  ];
  const caption = {
    title: 'Values against their types',
    notes: [
      'wide bar: the type, from its step to its upper end',
      'box, tick and line: middle half, median and full range of |value|, zeros aside',
    ],
    description: `Value ranges and types of ${entries.length} tensors.`,
  };
  return figure(options, caption, { width: 520, height: { step: 36 }, layer });
}
