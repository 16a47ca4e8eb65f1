import type { Pads } from '@sp/quant/internal';
import type { Rhythm } from './kernel.ts';

/** When a window over an image that passes by takes pixels, and when it completes one of the result: as `sp::detail::advance`. */
export function windowRhythm(
  [height, width]: readonly [number, number],
  pads: readonly [Pads, Pads],
  [windowHeight, windowWidth]: readonly [number, number],
  [strideRow, strideCol]: readonly [number, number],
  [outHeight, outWidth]: readonly [number, number],
): Rhythm {
  const hits = (at: number, window: number, stride: number, out: number): boolean => {
    const start = at - (window - 1);
    return start >= 0 && start % stride === 0 && start / stride < out;
  };
  return {
    kind: 'loop',
    late: 0,
    *iterations() {
      for (let r = 0; r < height + pads[0][0] + pads[0][1]; r++) {
        const inRow = r >= pads[0][0] && r < pads[0][0] + height;
        const below = hits(r, windowHeight, strideRow, outHeight);
        for (let c = 0; c < width + pads[1][0] + pads[1][1]; c++) {
          const takes = inRow && c >= pads[1][0] && c < pads[1][0] + width;
          yield { takes, gives: below && hits(c, windowWidth, strideCol, outWidth) };
        }
      }
    },
  };
}
