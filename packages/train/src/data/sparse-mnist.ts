import { OptionError } from '../option-error.ts';
import { type Dataset, pixelsPerImage } from './dataset.ts';

const side = 48;
const pool = 3;
const spread = 3.5;
/** Intensities below this count as background. */
const background = 0.4;

/**
 * The sparse 48 × 48 images of the sparsepixels MNIST benchmark (sparsepixels §2): 3 × 3 average pooling, centring, division by the image's
 * maximum, spreading of the non-zero pixels about the centre by 3.5 (a later pixel overwrites an earlier one on the same place), and values
 * below 0.4 set to 0. The scale of the input does not matter.
 */
export function sparseMnist(digits: Dataset): Dataset {
  const [height, width, channels] = digits.shape;
  if (channels !== 1) throw new OptionError(`sparseMnist: images with ${channels} channels; it works on 1`);
  const rows = Math.floor(height / pool);
  const columns = Math.floor(width / pool);
  const top = Math.floor((side - rows) / 2);
  const left = Math.floor((side - columns) / 2);
  const count = digits.labels.length;
  const images = new Float32Array(count * side * side);
  const pooled = new Float32Array(rows * columns);
  for (let j = 0; j < count; j++) {
    const base = j * pixelsPerImage(digits.shape);
    let largest = 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let dy = 0; dy < pool; dy++) {
          for (let dx = 0; dx < pool; dx++) sum += digits.images[base + (row * pool + dy) * width + column * pool + dx];
        }
        pooled[row * columns + column] = sum;
        largest = Math.max(largest, sum);
      }
    }
    for (let p = 0; p < pooled.length && largest > 0; p++) {
      if (pooled[p] === 0) continue;
      const to = (j * side + move(top + Math.floor(p / columns))) * side + move(left + (p % columns));
      const value = pooled[p] / largest;
      images[to] = value < background ? 0 : value;
    }
  }
  return { ...digits, images, shape: [side, side, 1] };
}

function move(coordinate: number): number {
  const centre = (side - 1) / 2;
  const exact = (coordinate - centre) * spread + centre;
  // Halves go to the even neighbour, as in the benchmark's NumPy rounding.
  const rounded = Math.abs(exact % 1) === 0.5 ? 2 * Math.round(exact / 2) : Math.round(exact);
  return Math.min(side - 1, Math.max(0, rounded));
}
