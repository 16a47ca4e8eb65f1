/** Rounded, with commas. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A share of 1, in percent. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
