/// <reference path="./numbers.d.ts" />

/** A cell is on when one of its sites is. Sites `from … to − 1`, cells `nextFrom … nextTo − 1`. */
export function poolMask(on: Bytes, parent: Ints, nextOn: Bytes, from: i32, to: i32, nextFrom: i32, nextTo: i32): void {
  for (let t = nextFrom; t < nextTo; t++) nextOn[t] = 0;
  for (let s = from; s < to; s++) if (on[s] === 1 && parent[s] >= 0) nextOn[parent[s]] = 1;
}

/** The mask's gradient goes to the first active pixel of a cell, or to its first pixel. `done` is scratch per cell. */
export function poolMaskBackward(
  on: Bytes,
  parent: Ints,
  place: Ints,
  nextOn: Bytes,
  dMask: Reals,
  nextDMask: Reals,
  done: Ints,
  from: i32,
  to: i32,
  nextFrom: i32,
  nextTo: i32,
): void {
  for (let t = nextFrom; t < nextTo; t++) done[t] = 0;
  for (let s = from; s < to; s++) {
    const cell = parent[s];
    if (cell < 0 || done[cell] === 1) continue;
    if (nextOn[cell] === 1 ? on[s] === 0 : place[s] !== 0) continue;
    done[cell] = 1;
    dMask[s] += nextDMask[cell];
  }
}

/** Sums of the cells' features, over `divisor` in single precision where that is exact (`divides`). */
export function averageForward(
  values: Reals,
  sums: Reals,
  parent: Ints,
  channels: i32,
  divides: i32,
  divisor: f64,
  from: i32,
  to: i32,
  nextFrom: i32,
  nextTo: i32,
): void {
  for (let j = nextFrom * channels; j < nextTo * channels; j++) sums[j] = 0;
  for (let s = from; s < to; s++) {
    const cell = parent[s];
    if (cell < 0) continue;
    for (let c = 0; c < channels; c++) sums[cell * channels + c] += values[s * channels + c];
  }
  if (divides === 0) return;
  for (let j = nextFrom * channels; j < nextTo * channels; j++) sums[j] = Math.fround(sums[j] / divisor) as f64;
}

/** Gradient of the average: each pixel of a cell gets its share. */
export function averageBackward(
  dValues: Reals,
  dSums: Reals,
  parent: Ints,
  channels: i32,
  area: f64,
  from: i32,
  to: i32,
): void {
  for (let s = from; s < to; s++) {
    const cell = parent[s];
    for (let c = 0; c < channels; c++) {
      dValues[s * channels + c] = cell < 0 ? 0 : dSums[cell * channels + c] / area;
    }
  }
}

/**
 * Largest features of the cells, and the sites that have them. Pixels that are no active sites have 0: `gap` becomes the
 * place of a cell's first such pixel, `area` if there is none. Averages are compared by their exact numerators.
 */
export function maxForward(
  values: Reals,
  output: Reals,
  on: Bytes,
  parent: Ints,
  place: Ints,
  gap: Ints,
  winner: Ints,
  area: i32,
  channels: i32,
  from: i32,
  to: i32,
  nextFrom: i32,
  nextTo: i32,
): void {
  for (let t = nextFrom; t < nextTo; t++) {
    gap[t] = 0;
    for (let c = 0; c < channels; c++) winner[t * channels + c] = -1;
  }
  for (let s = from; s < to; s++) {
    const cell = parent[s];
    if (cell < 0 || on[s] === 0) continue;
    if (gap[cell] === place[s]) gap[cell] += 1;
    for (let c = 0; c < channels; c++) {
      const w = cell * channels + c;
      const best = winner[w];
      if (best < 0 || values[s * channels + c] > values[best * channels + c]) winner[w] = s;
    }
  }
  for (let t = nextFrom; t < nextTo; t++) {
    for (let c = 0; c < channels; c++) {
      const w = t * channels + c;
      const best = winner[w];
      const value: f64 = best < 0 ? 0 : values[best * channels + c];
      let zeroWins = false;
      if (gap[t] < area) zeroWins = best < 0 || value < 0 || (value === 0 && gap[t] < place[best]);
      output[w] = zeroWins ? 0 : value;
      if (zeroWins) winner[w] = -1;
    }
  }
  // A site that is not active may be the pixel that gives the 0.
  for (let s = from; s < to; s++) {
    const cell = parent[s];
    if (cell < 0 || on[s] === 1 || place[s] !== gap[cell]) continue;
    for (let c = 0; c < channels; c++) if (winner[cell * channels + c] < 0) winner[cell * channels + c] = s;
  }
}

/** Gradient of the maximum: all of it to the winner. */
export function maxBackward(
  dValues: Reals,
  dOutput: Reals,
  winner: Ints,
  channels: i32,
  from: i32,
  to: i32,
  nextFrom: i32,
  nextTo: i32,
): void {
  for (let j = from * channels; j < to * channels; j++) dValues[j] = 0;
  for (let t = nextFrom; t < nextTo; t++) {
    for (let c = 0; c < channels; c++) {
      const s = winner[t * channels + c];
      if (s >= 0) dValues[s * channels + c] += dOutput[t * channels + c];
    }
  }
}
