import * as tf from '@tensorflow/tfjs';
import { ArrayLayer } from './array-layer.ts';
import type { LayerArgs } from './layer-args.ts';
import { base, names, type OptionNames } from './option-list.ts';

/** Arguments of `zeroPad`. */
export interface ZeroPadArgs extends LayerArgs {
  /** Zeros `[before, after]` every axis behind the batch. */
  readonly pads: readonly (readonly [number, number])[];
}

/** Zeros around data of any rank; see `zeroPad`. */
export class ZeroPad extends ArrayLayer {
  static readonly className = 'ZeroPad';
  static readonly options: OptionNames = names<ZeroPadArgs>('pads', { ...base, pads: 0 });
  readonly pads: readonly (readonly [number, number])[];

  constructor(args: ZeroPadArgs) {
    super(args);
    this.pads = args.pads.map(([before, after]) => [before, after]);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), pads: this.pads.map(([before, after]) => [before, after]) };
  }

  protected override compute(x: tf.Tensor): tf.Tensor {
    return tf.pad(x, [[0, 0], ...this.pads.map(([before, after]): [number, number] => [before, after])]);
  }
}

/** Zeros around data of any rank, one pair per axis behind the batch. */
export function zeroPad(args: ZeroPadArgs): ZeroPad {
  return new ZeroPad(args);
}
