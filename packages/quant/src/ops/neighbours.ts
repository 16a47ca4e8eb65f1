/** Pairs of valid slots that a stride-1 kernel connects, as flat triples (output slot, input slot, kernel position). */
export interface NeighbourSearch {
  /** Triples of the last call; only the first `3 · count` entries are meaningful. */
  pairs: Int32Array;
  /**
   * Finds all pairs of one image, whose slots are `base … base + slots - 1`. Slot numbers in `pairs` are absolute.
   * Returns the number of pairs.
   */
  find(valid: Uint8Array, rows: Int32Array, cols: Int32Array, base: number): number;
}

/**
 * A search over images of `height × width` that costs O(active · min(active, kh · kw)) per image: with few active pixels every pair is
 * tested, with many the window of each is looked up in a map of the image, which is cleaned after use rather than anew.
 */
export function neighbourSearch(height: number, width: number, kh: number, kw: number, slots: number): NeighbourSearch {
  const window = kh * kw;
  const up = (kh - 1) / 2;
  const left = (kw - 1) / 2;
  const active = new Int32Array(slots);
  // Slot of each pixel plus 1; all 0 between calls.
  const slotAt = new Int32Array(height * width);
  const search: NeighbourSearch = {
    pairs: new Int32Array(3 * slots * Math.min(slots, window)),
    find(valid, rows, cols, base) {
      const { pairs } = search;
      let count = 0;
      for (let slot = base; slot < base + slots; slot++) if (valid[slot] !== 0) active[count++] = slot;
      let end = 0;
      if (count <= window) {
        for (let a = 0; a < count; a++) {
          const i = active[a];
          const top = up - rows[i];
          const start = left - cols[i];
          for (let b = 0; b < count; b++) {
            const j = active[b];
            const y = rows[j] + top;
            const x = cols[j] + start;
            if (y < 0 || y >= kh || x < 0 || x >= kw) continue;
            pairs[end++] = i;
            pairs[end++] = j;
            pairs[end++] = y * kw + x;
          }
        }
        return end / 3;
      }
      for (let a = 0; a < count; a++) slotAt[rows[active[a]] * width + cols[active[a]]] = active[a] + 1;
      for (let a = 0; a < count; a++) {
        const i = active[a];
        for (let y = 0; y < kh; y++) {
          const row = rows[i] + y - up;
          if (row < 0 || row >= height) continue;
          for (let x = 0; x < kw; x++) {
            const col = cols[i] + x - left;
            if (col < 0 || col >= width) continue;
            const found = slotAt[row * width + col];
            if (found === 0) continue;
            pairs[end++] = i;
            pairs[end++] = found - 1;
            pairs[end++] = y * kw + x;
          }
        }
      }
      for (let a = 0; a < count; a++) slotAt[rows[active[a]] * width + cols[active[a]]] = 0;
      return end / 3;
    },
  };
  return search;
}
