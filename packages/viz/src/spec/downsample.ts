/** Indices that thin a sequence to at most `limit` entries, evenly, always with the first, the last and those of `keep`. */
export function thinIndices(length: number, limit: number, keep: readonly number[] = []): readonly number[] {
  if (length <= limit) return Array.from({ length }, (_, index) => index);
  const steps = Math.max(1, limit - 1);
  const chosen = new Set(keep.filter((index) => index >= 0 && index < length));
  for (let step = 0; step <= steps; step++) chosen.add(Math.round((step * (length - 1)) / steps));
  return [...chosen].sort((a, b) => a - b);
}

/** What `blockWithin` has to know of images. */
export interface Pixels {
  /** Longest side: a block as large holds a whole image. */
  readonly side: number;
  /** A lower bound on the number of pixels to draw. */
  readonly atLeast: number;
  /** How many are left when every `block` × `block` pixels are drawn as one. */
  readonly count: (block: number) => number;
}

/** The side of the smallest blocks of pixels of which no more than `limit` are left, or of those that hold an image. */
export function blockWithin(limit: number, { side, atLeast, count }: Pixels): number {
  // Smaller blocks cannot be enough, and counting them takes long.
  let block = Math.min(side, Math.max(1, Math.ceil(Math.sqrt(atLeast / limit))));
  while (block < side && count(block) > limit) block++;
  return block;
}

/** What a figure says about its blocks; `choice` is what stands for a block. */
export function blockNote(block: number, choice: string): string {
  return block === 1 ? '' : `every ${block} × ${block} pixels as one (${choice})`;
}

/** A matrix, row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: ArrayLike<number>;
}

/**
 * Averages blocks of a matrix until no side is longer than `limit`; `block` says how many rows and columns became one.
 * NaN cells are gaps: they do not count, and a block of nothing else stays NaN.
 */
export function shrinkMatrix(matrix: Matrix, limit: number): Matrix & { readonly block: readonly [number, number] } {
  const block: readonly [number, number] = [Math.ceil(matrix.rows / limit), Math.ceil(matrix.columns / limit)];
  if (block[0] === 1 && block[1] === 1) return { ...matrix, block };
  const rows = Math.ceil(matrix.rows / block[0]);
  const columns = Math.ceil(matrix.columns / block[1]);
  const sums = new Float64Array(rows * columns);
  const counts = new Float64Array(rows * columns);
  for (let row = 0; row < matrix.rows; row++) {
    for (let column = 0; column < matrix.columns; column++) {
      const value = matrix.values[row * matrix.columns + column];
      if (Number.isNaN(value)) continue;
      const target = Math.floor(row / block[0]) * columns + Math.floor(column / block[1]);
      sums[target] += value;
      counts[target]++;
    }
  }
  return { rows, columns, values: sums.map((sum, index) => sum / counts[index]), block };
}
