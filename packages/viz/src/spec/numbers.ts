/** An integer with thin grouping for people: `12,345`. */
export function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** A real with at most `digits` significant digits and no trailing zeros: `0.205`, `−12,345`, `4.52 × 10⁻¹⁰`. */
export function short(value: number, digits = 3): string {
  const size = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (size >= 10 ** digits && size < 1e7) return `${sign}${grouped(size)}`;
  const [mantissa, exponent] = size.toExponential(digits - 1).split('e');
  if (size !== 0 && (size >= 1e7 || size < 1e-4))
    return `${sign}${Number(mantissa)} × 10${superscript(Number(exponent))}`;
  return `${sign}${Number(size.toPrecision(digits))}`;
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** An integer as superscript characters. */
export function superscript(power: number): string {
  return `${power}`.replace(/./g, (letter) => superscripts[Number(letter)] ?? '⁻');
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
 * Labels of an axis or legend as `labelExpr`: as `short` writes numbers. A `format` would get its precision from the step between ticks: `1e+1` for 10.
 */
export const plainLabels: string = (() => {
  const parts = "split(format(datum.value, '.3~e'), 'e')";
  const signs = `replace(replace(${parts}[1], '+', ''), '-', '⁻')`;
  const exponent = [...superscripts].reduce((text, sign, digit) => `replace(${text}, /${digit}/g, '${sign}')`, signs);
  const isPlain = 'datum.value == 0 || (abs(datum.value) < 1e7 && abs(datum.value) >= 1e-4)';
  return `${isPlain} ? format(datum.value, ',.6~r') : ${parts}[0] + ' × 10' + ${exponent}`;
})();

/**
 * The Vega format of an axis whose numbers are at most `largest` in size and, on a logarithmic one, at least
 * `smallest`: SI prefixes, or exponents where prefixes end and rows of zeros would fill the figure.
 */
export function axisFormat(largest: number, smallest = 0): '~s' | '~e' {
  return largest < 1e27 && (smallest === 0 || smallest >= 1e-24) ? '~s' : '~e';
}
