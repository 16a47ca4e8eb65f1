/** A count with its thousands apart. */
export function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** `1 cycle`, `48 cycles`. */
export function cycles(count: number): string {
  return `${number(count)} ${count === 1 ? 'cycle' : 'cycles'}`;
}
