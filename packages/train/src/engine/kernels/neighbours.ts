/// <reference path="./numbers.d.ts" />

/**
 * Neighbours of the sites `first … last − 1` of an image, ascending pixels: pairs (site of the image, tap) from `pairs[at]`
 * on, and from `row[rowAt]` on the number of all pairs up to each site. Returns where the pairs end.
 */
export function findNeighbours(
  pixel: Ints,
  row: Ints,
  pairs: Ints,
  first: i32,
  last: i32,
  rowAt: i32,
  at: i32,
  width: i32,
  kernelHeight: i32,
  kernelWidth: i32,
): i32 {
  const up = (kernelHeight - 1) / 2;
  const left = (kernelWidth - 1) / 2;
  let end = at;
  // Sites in reach begin ever later.
  let low = first;
  for (let o = first; o < last; o++) {
    const column = pixel[o] % width;
    const top = pixel[o] - column - up * width;
    while (pixel[low] < top) low++;
    // Sites are few: looking at each in these lines costs less than looking under each tap.
    const bottom = top + kernelHeight * width;
    for (let s = low; s < last && pixel[s] < bottom; s++) {
      const other = pixel[s] % width;
      const b = other - column + left;
      if (b < 0 || b >= kernelWidth) continue;
      pairs[end] = s - first;
      pairs[end + 1] = ((pixel[s] - other - top) / width) * kernelWidth + b;
      end += 2;
    }
    row[rowAt + o - first] = end / 2;
  }
  return end;
}

/**
 * As `findNeighbours`, for images of many sites: looks under each tap. `siteAt` has −1 at every pixel of an image of `height`
 * lines, before and after.
 */
export function lookUpNeighbours(
  pixel: Ints,
  row: Ints,
  pairs: Ints,
  siteAt: Ints,
  first: i32,
  last: i32,
  rowAt: i32,
  at: i32,
  height: i32,
  width: i32,
  kernelHeight: i32,
  kernelWidth: i32,
): i32 {
  const up = (kernelHeight - 1) / 2;
  const left = (kernelWidth - 1) / 2;
  let end = at;
  for (let s = first; s < last; s++) siteAt[pixel[s]] = s - first;
  for (let o = first; o < last; o++) {
    const column = pixel[o] % width;
    const line = (pixel[o] - column) / width;
    for (let a = 0; a < kernelHeight; a++) {
      const y = line - up + a;
      if (y < 0 || y >= height) continue;
      for (let b = 0; b < kernelWidth; b++) {
        const x = column - left + b;
        if (x < 0 || x >= width) continue;
        const site = siteAt[y * width + x];
        if (site < 0) continue;
        pairs[end] = site;
        pairs[end + 1] = a * kernelWidth + b;
        end += 2;
      }
    }
    row[rowAt + o - first] = end / 2;
  }
  for (let s = first; s < last; s++) siteAt[pixel[s]] = -1;
  return end;
}
