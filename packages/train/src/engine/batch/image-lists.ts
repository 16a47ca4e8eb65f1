import { Growable } from '../memory/growable.ts';
import type { Memory } from '../memory/memory.ts';
import { ints, reals } from '../memory/room.ts';

/** What lists a model needs: image sizes along its poolings, and the kernels on each size. */
export interface ListPlan {
  readonly channels: number;
  /** Size before the first pooling, after it, … */
  readonly levels: readonly { readonly height: number; readonly width: number }[];
  /** Cells that lead from each level to the next. */
  readonly cells: readonly (readonly [number, number])[];
  /** Neighbourhoods of convolutions. */
  readonly windows: readonly Window[];
}

/** Kernel sides of convolutions on one level. */
export interface Window {
  readonly level: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
}

/** Sites of one level for all remembered images, ascending within an image. */
interface LevelLists {
  /** Entry `e` has sites `start[e] … start[e + 1] − 1`. */
  readonly start: Growable<Int32Array>;
  readonly pixel: Growable<Int32Array>;
  /** Site of the next level, counted from the image's first; −1 outside all cells. */
  readonly parent: Growable<Int32Array>;
  /** Place inside the cell, row-major. */
  readonly place: Growable<Int32Array>;
}

/** Neighbours of every site: pairs `row[s] … row[s + 1] − 1` of (site of the same image, tap). */
interface WindowLists {
  readonly row: Growable<Int32Array>;
  readonly pairs: Growable<Int32Array>;
}

/**
 * Lists of pixels, their places after every pooling and their neighbours, computed once per image.
 *
 * A site is a pixel whose features or whose gradient of the mask can differ from 0: the active pixels when nothing about
 * the choice is learned, else all pixels with a positive score. Cells of sites are the sites of the next level.
 */
export interface ImageLists {
  readonly levels: readonly LevelLists[];
  readonly windows: readonly WindowLists[];
  /** Input values of the sites, channels last. */
  readonly values: Growable<Float64Array>;
  /** Per entry: the sum of the scores that are not negative, and of those among them that are no sites. */
  readonly total: Growable<Float64Array>;
  readonly rest: Growable<Float64Array>;
  /** Number of remembered images. */
  readonly count: number;
  /** Bytes in use. */
  readonly bytes: number;
  clear(): void;
  /** Adds an image; `limit` = number of sites at most, in raster order, with score > `threshold`. Returns its entry. */
  add(image: Float64Array, threshold: number, limit: number): number;
}

/** Empty lists. */
export function imageLists(plan: ListPlan, memory: Memory): ImageLists {
  const growableInts = (): Growable<Int32Array> => new Growable(ints(memory));
  const growableReals = (): Growable<Float64Array> => new Growable(reals(memory));
  const levels = plan.levels.map(() => ({
    start: growableInts(),
    pixel: growableInts(),
    parent: growableInts(),
    place: growableInts(),
  }));
  const windows = plan.windows.map(() => ({ row: growableInts(), pairs: growableInts() }));
  const values = growableReals();
  const total = growableReals();
  const rest = growableReals();
  // Site of a pixel while lists are made, else −1.
  const siteAt = plan.levels.map(({ height, width }) => ints(memory, height * width));
  for (const { view } of siteAt) view.fill(-1);
  const all = [...levels.flatMap((level) => Object.values(level)), ...windows.flatMap((w) => Object.values(w))];

  function clear(): void {
    for (const list of [...all, values, total, rest]) list.length = 0;
    for (const { start } of levels) start.push(0);
    for (const { row } of windows) row.push(0);
  }
  clear();

  function addReduction(image: Float64Array, threshold: number, limit: number): void {
    const { channels } = plan;
    const { pixel } = levels[0];
    let sum = 0;
    let inside = 0;
    let kept = 0;
    for (let p = 0; p * channels < image.length; p++) {
      const score = image[p * channels];
      if (score === 0) continue;
      // Math.max lets NaN through to the loss.
      sum += Math.max(score, 0);
      if (!(score > threshold) || kept === limit) continue;
      kept++;
      inside += score;
      pixel.push(p);
      for (let c = 0; c < channels; c++) values.push(image[p * channels + c]);
    }
    levels[0].start.push(pixel.length);
    total.push(sum);
    rest.push(sum - inside);
  }

  function addCells(level: number): void {
    const { width } = plan.levels[level];
    const next = plan.levels[level + 1];
    const [cellHeight, cellWidth] = plan.cells[level];
    const { start, pixel, parent, place } = levels[level];
    const first = start.view[start.length - 2];
    const target = levels[level + 1];
    const found = target.pixel.length;
    const marks = siteAt[level + 1];
    for (let s = first; s < pixel.length; s++) {
      const column = pixel.view[s] % width;
      const row = (pixel.view[s] - column) / width;
      const [y, x] = [Math.floor(row / cellHeight), Math.floor(column / cellWidth)];
      const inside = y < next.height && x < next.width;
      const cell = inside ? y * next.width + x : -1;
      parent.push(cell);
      place.push((row - y * cellHeight) * cellWidth + column - x * cellWidth);
      if (inside && marks.view[cell] < 0) {
        marks.view[cell] = 0;
        target.pixel.push(cell);
      }
    }
    const cells = target.pixel.view.subarray(found, target.pixel.length).sort();
    for (let j = 0; j < cells.length; j++) marks.view[cells[j]] = j;
    for (let s = first; s < pixel.length; s++) if (parent.view[s] >= 0) parent.view[s] = marks.view[parent.view[s]];
    for (const cell of cells) marks.view[cell] = -1;
    target.start.push(target.pixel.length);
  }

  function addNeighbours(index: number): void {
    const { level, kernelHeight, kernelWidth } = plan.windows[index];
    const { height, width } = plan.levels[level];
    const { start, pixel } = levels[level];
    const { row, pairs } = windows[index];
    const first = start.view[start.length - 2];
    const sites = pixel.length - first;
    const taps = kernelHeight * kernelWidth;
    row.reserve(sites);
    pairs.reserve(2 * sites * Math.min(sites, taps));
    const lists = [pixel.view, row.view, pairs.view] as const;
    const range = [first, pixel.length, row.length, pairs.length] as const;
    const kernel = [width, kernelHeight, kernelWidth] as const;
    const { kernels } = memory;
    pairs.length =
      sites <= taps
        ? kernels.findNeighbours(...lists, ...range, ...kernel)
        : kernels.lookUpNeighbours(...lists, siteAt[level].view, ...range, height, ...kernel);
    row.length += sites;
  }

  return {
    levels,
    windows,
    values,
    total,
    rest,
    get count() {
      return total.length;
    },
    get bytes() {
      return [...all, values, total, rest].reduce((sum, list) => sum + list.bytes, 0);
    },
    clear,
    add(image, threshold, limit) {
      addReduction(image, threshold, limit);
      for (let level = 0; level < plan.cells.length; level++) addCells(level);
      for (let index = 0; index < plan.windows.length; index++) addNeighbours(index);
      return total.length - 1;
    },
  };
}
