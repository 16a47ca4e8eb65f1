/** An integer with thin grouping for people: `12,345`. */
export function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** A real with at most `digits` significant digits and no trailing zeros. */
export function short(value: number, digits = 3): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 10 ** digits && size < 1e7) return grouped(value);
  return `${Number(value.toPrecision(digits))}`;
}

/** A share of one as percent: `93.4 %`. */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** Rounds to `digits` significant digits so that specs stay small and identical across platforms. */
export function tidy(value: number, digits = 6): number {
  return Number(value.toPrecision(digits));
}

/**
 * Labels of an axis or legend as `labelExpr`. The same as a `format` would get its precision from the step between ticks: `1e+1` for 10.
 */
export const plainLabels: string = "format(datum.value, '~g')";

/**
 * The Vega format of an axis whose numbers are at most `largest` in size and, on a logarithmic one, at least
 * `smallest`: SI prefixes, or exponents where prefixes end and rows of zeros would fill the figure.
 */
export function axisFormat(largest: number, smallest = 0): '~s' | '~e' {
  return largest < 1e27 && (smallest === 0 || smallest >= 1e-24) ? '~s' : '~e';
}
