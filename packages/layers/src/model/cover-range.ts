import * as tf from '@tensorflow/tfjs';
import type { QLayer } from '../layers/q-layer.ts';
import type { Quantizer } from '../quantizer/quantizer.ts';
import { collectQLayers } from './walk.ts';

/** What quantizers gave while they were watched. */
export interface WatchedRanges {
  /** Widens (or narrows) the ranges to `coverFactor` times what was seen, about its centre. */
  cover(coverFactor: number): void;
  /** Ends the watch; the quantizers are as before. */
  end(): void;
}

interface Seen {
  readonly min: Float32Array;
  readonly max: Float32Array;
}

/**
 * Watches what every quantizer of data that follows its range gives in tracing, per format, until
 * `end` is called.
 *
 * Quantizers have no hook for this, so the one method `call` of each is covered by an own property
 * meanwhile; `list` is covered too, so that sparse convolutions call the quantizer like other
 * layers (with the same results).
 */
export function watchRanges(model: tf.LayersModel): WatchedRanges {
  const seen = new Map<Quantizer, Seen>();
  const watched = collectQLayers(model).flatMap(dataQuantizers);
  for (const quantizer of watched) {
    Object.defineProperties(quantizer, {
      list: { configurable: true, get: () => null },
      call: {
        configurable: true,
        value: (...args: Parameters<Quantizer['call']>): tf.Tensor => {
          const y: tf.Tensor = Object.getPrototypeOf(quantizer).call.apply(quantizer, args);
          if (args[1] === 'tracing') seen.set(quantizer, widened(seen.get(quantizer), y, quantizer.range().shape));
          return y;
        },
      },
    });
  }
  const end = (): void => {
    for (const quantizer of watched) {
      Reflect.deleteProperty(quantizer, 'call');
      Reflect.deleteProperty(quantizer, 'list');
    }
  };
  return {
    end,
    cover(coverFactor) {
      end();
      for (const [quantizer, { min, max }] of seen) {
        const { shape } = quantizer.range();
        const ends = [1, -1].map((side) => min.map((low, q) => endOf(low, max[q], side * coverFactor)));
        if (coverFactor < 1) quantizer.resetRange();
        tf.tidy(() => {
          for (const values of ends) quantizer.call(tf.tensor(values, [...shape], 'float32'), 'tracing');
        });
      }
    },
  };
}

/** Kernels and biases do not vary: nothing to cover. */
const weightRoles: readonly string[] = ['kq', 'bq'];

function dataQuantizers({ quantizers }: QLayer): readonly Quantizer[] {
  return [...quantizers].flatMap(([role, quantizer]) =>
    quantizer.followsRange && !weightRoles.includes(role) ? [quantizer] : [],
  );
}

function widened(before: Seen | undefined, y: tf.Tensor, bitShape: readonly number[]): Seen {
  const shared = bitShape.flatMap((extent, axis) => (extent === 1 ? [axis] : []));
  const min = hostCopy(tf.min(y, shared, true));
  const max = hostCopy(tf.max(y, shared, true));
  if (before === undefined) return { min, max };
  return {
    min: min.map((value, q) => Math.min(value, before.min[q])),
    max: max.map((value, q) => Math.max(value, before.max[q])),
  };
}

function hostCopy(tensor: tf.Tensor): Float32Array {
  const values = tensor.dataSync<'float32'>().slice();
  tensor.dispose();
  return values;
}

/**
 * End of the range about the centre; what is never negative (it follows a ReLU, mostly) gets no
 * sign by a wider cover.
 */
function endOf(min: number, max: number, factor: number): number {
  const value = (min + max) / 2 - ((max - min) / 2) * factor;
  return min >= 0 ? Math.max(0, value) : value;
}
