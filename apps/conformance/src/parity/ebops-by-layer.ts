/**
 * Recorded EBOPs summed by the layer that counts them. Paths repeat a wrapper's name (`c/c`), begin with the name of a
 * model (`sequential/a`), and list tables inside a layer (`sm/sm_exp_table`), which our layer counts itself.
 *
 * @param layers names of the layers that count EBOPs
 * @returns by layer; by path where no layer is in it
 */
export function ebopsByLayer(
  recorded: Iterable<readonly [path: string, value: number]>,
  layers: { has(name: string): boolean },
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [path, value] of recorded) {
    const owner = path.split('/').find((part) => layers.has(part)) ?? path;
    sums.set(owner, (sums.get(owner) ?? 0) + value);
  }
  return sums;
}
