/// <reference path="./numbers.d.ts" />

/** Gathers the sites of the images `first … last − 1` of a batch from the lists of all images. */
export function gatherSites(
  pixel: Ints,
  parent: Ints,
  place: Ints,
  on: Bytes,
  dMask: Reals,
  fromPixel: Ints,
  fromParent: Ints,
  fromPlace: Ints,
  starts: Ints,
  entries: Ints,
  base: Ints,
  nextBase: Ints,
  hasNext: i32,
  first: i32,
  last: i32,
): void {
  for (let b = first; b < last; b++) {
    const shift = starts[entries[b]] - base[b];
    const end = base[b + 1];
    // Parents count from the first site of their image.
    const next = hasNext === 1 ? nextBase[b] : 0;
    for (let s = base[b]; s < end; s++) {
      const from = s + shift;
      pixel[s] = fromPixel[from];
      on[s] = 1;
      dMask[s] = 0;
      if (hasNext === 0) continue;
      const cell = fromParent[from];
      parent[s] = cell < 0 ? -1 : cell + next;
      place[s] = fromPlace[from];
    }
  }
}
