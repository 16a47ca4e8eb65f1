/** A published network as its file describes it. */
export interface ReferenceNetwork {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly threshold: number;
  readonly architecture: readonly (readonly (string | number)[])[];
  readonly n: number;
  /** Integer and fraction bits of the unsigned activations. */
  readonly act: { readonly i: number; readonly f: number };
  /** `wN`, `bN` as in the file. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
}

/**
 * Float64 forward pass on whole images, written from the format description alone: no lists, none of the packages.
 *
 * @param image dense `[height, width, channels]`
 * @param tieUp whether the exact ties of activations are rounded up instead of half to even
 */
export function denseReference(net: ReferenceNetwork, image: readonly number[], tieUp = false): readonly number[] {
  const { weights, architecture, act } = net;
  const step = 2 ** -act.f;
  const activate = (x: number): number => {
    const scaled = Math.max(x, 0) / step;
    const floor = Math.floor(scaled);
    const isTie = scaled - floor === 0.5;
    const code = isTie ? (tieUp || floor % 2 === 1 ? floor + 1 : floor) : Math.round(scaled);
    return Math.min(code * step, 2 ** act.i - step);
  };
  let [rows, columns, features] = [net.height, net.width, net.channels];
  let taken = 0;
  let keep = Array.from({ length: rows * columns }, (_, pixel) => {
    const isActive = image[pixel * features] > Math.fround(net.threshold) && taken < net.n;
    if (isActive) taken++;
    return isActive;
  });
  let x = image.map((value, at) => (keep[Math.floor(at / features)] ? value : 0));
  const kernels = Object.keys(weights)
    .filter((key) => key.startsWith('w'))
    .map((key) => Number(key.slice(1)))
    .sort((a, b) => a - b);
  for (const [kind, first, second] of architecture) {
    if (kind === 'avg') {
      const side = first as number;
      const [down, across] = [Math.floor(rows / side), Math.floor(columns / side)];
      const pooled = new Array<number>(down * across * features).fill(0);
      const kept = new Array<boolean>(down * across).fill(false);
      for (let row = 0; row < down * side; row++) {
        for (let column = 0; column < across * side; column++) {
          const cell = Math.floor(row / side) * across + Math.floor(column / side);
          const pixel = row * columns + column;
          kept[cell] ||= keep[pixel];
          for (let c = 0; c < features; c++) pooled[cell * features + c] += x[pixel * features + c] / side ** 2;
        }
      }
      [rows, columns, x, keep] = [down, across, pooled, kept];
      continue;
    }
    const number = kernels.shift();
    const kernel = weights[`w${number}`];
    const bias = weights[`b${number}`];
    const outputs = (kind === 'conv' ? second : first) as number;
    if (kind === 'conv') {
      const side = first as number;
      const half = (side - 1) / 2;
      const y = new Array<number>(rows * columns * outputs).fill(0);
      for (let pixel = 0; pixel < rows * columns; pixel++) {
        if (!keep[pixel]) continue;
        for (let filter = 0; filter < outputs; filter++) {
          let sum = 0;
          for (let a = 0; a < side; a++) {
            for (let b = 0; b < side; b++) {
              const row = Math.floor(pixel / columns) + a - half;
              const column = (pixel % columns) + b - half;
              if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
              for (let c = 0; c < features; c++) {
                sum +=
                  x[(row * columns + column) * features + c] *
                  kernel[((a * side + b) * outputs + filter) * features + c];
              }
            }
          }
          y[pixel * outputs + filter] = activate(sum === 0 ? 0 : sum + (bias?.[filter] ?? 0));
        }
      }
      [x, features] = [y, outputs];
    } else {
      const z = Array.from({ length: outputs }, (_, unit) =>
        x.reduce((sum, value, j) => sum + value * kernel[j * outputs + unit], bias?.[unit] ?? 0),
      );
      const largest = Math.max(...z);
      const total = z.reduce((sum, value) => sum + Math.exp(value - largest), 0);
      if (second === 'relu') x = z.map(activate);
      else if (second === 'sigmoid') x = z.map((value) => 1 / (1 + Math.exp(-value)));
      else if (second === 'softmax') x = z.map((value) => Math.exp(value - largest) / total);
      else x = z;
    }
  }
  return x;
}
