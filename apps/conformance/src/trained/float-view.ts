import { buildNetwork } from './build-network.ts';
import { explain } from './explain.ts';
import { denseImages, maxDifference, predictRows } from './images.ts';
import { limits } from './limits.ts';
import type { TrainedFile, TrainedNetwork } from './trained-file.ts';

/** Images whose cause is looked for, per network and backend. */
const explained = 10;

/** How well a rebuilt network reproduces the published outputs in float arithmetic. */
export interface FloatView {
  /** Images with all outputs within the tolerance. */
  readonly reproduced: number;
  /** Largest difference among those. */
  readonly maxDifference: number;
  /** The other images, worst first; `cause` for the first few. */
  readonly others: readonly OtherImage[];
}

/** An image whose outputs are not reproduced. */
export interface OtherImage {
  readonly image: number;
  readonly difference: number;
  readonly cause?: string;
}

/** Runs the network, rebuilt with our layers, on all images as they are, on the current backend. */
export function floatView(file: TrainedFile, network: TrainedNetwork): FloatView {
  const built = buildNetwork(file, network);
  const outputs = predictRows(built.model, denseImages(file), file.shape);
  const differences = outputs.map((row, image) => maxDifference(row, network.predictions[image]));
  const isReproduced = (difference: number): boolean => difference <= limits.output;
  const others = differences
    .map((difference, image) => ({ image, difference }))
    .filter(({ difference }) => !isReproduced(difference))
    .sort((a, b) => b.difference - a.difference)
    .map(
      (other, index): OtherImage =>
        index < explained ? { ...other, cause: explain(file, network, built, other.image) } : other,
    );
  built.dispose();
  const reproduced = file.images.length - others.length;
  return { reproduced, maxDifference: Math.max(0, ...differences.filter(isReproduced)), others };
}
