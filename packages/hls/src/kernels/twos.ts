/** How often 2 divides a positive integer. */
export function twos(value: number): number {
  let count = 0;
  for (let rest = value; rest % 2 === 0; rest /= 2) count++;
  return count;
}
