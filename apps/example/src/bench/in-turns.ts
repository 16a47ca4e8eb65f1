/** What two calls that do the same take, measured in turns, and the median of how many times as fast the first is. */
export async function inTurns(
  measure: readonly [ours: () => Promise<number>, theirs: () => Promise<number>],
  rounds: number,
): Promise<{ readonly ours: number; readonly ratio: number }> {
  const pairs: [number, number][] = [];
  for (let round = 0; round < rounds; round++) {
    // Each goes first as often as the other: what comes second finds a warmer machine.
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    const pair: [number, number] = [0, 0];
    for (const side of order) pair[side] = await measure[side]();
    pairs.push(pair);
  }
  const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];
  return { ours: middle(pairs.map(([ours]) => ours)), ratio: middle(pairs.map(([ours, theirs]) => theirs / ours)) };
}
