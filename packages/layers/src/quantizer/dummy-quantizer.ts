import type { FormatTable } from '@sp/quant/internal';
import type * as tf from '@tensorflow/tfjs';
import type { DummyQuantizerConfig } from '../config/quantizer-settings.ts';
import type { BitCounts, ListQuantizer, Quantizer, QuantizerRange } from './quantizer.ts';

/** Passes its input on; counts as 0 bits, so EBOPs with a dummy operand are 0. */
export class DummyQuantizer implements Quantizer {
  readonly config: DummyQuantizerConfig;
  readonly name: string;
  readonly followsRange = false;
  readonly traced = true;
  readonly list: ListQuantizer = {
    parameters: [],
    indexOf: () => ({ period: 1 }),
    quantise: (values) => ({ y: Float32Array.from(values), backward: () => ({ dx: null, parameters: [] }) }),
  };
  private rank = 0;

  constructor(config: DummyQuantizerConfig, name: string) {
    this.config = config;
    this.name = name;
  }

  build(shape: readonly (number | null)[]): void {
    this.rank = shape.length;
  }

  call(x: tf.Tensor): tf.Tensor {
    return x.clone();
  }

  bits(): BitCounts {
    const shape = new Array<number>(this.rank).fill(1);
    return { values: new Float64Array(1), shape, variables: [], gradient: () => [] };
  }

  formats(): FormatTable | null {
    return null;
  }

  range(): QuantizerRange {
    const one = (value: number): Float64Array => new Float64Array([value]);
    return { shape: new Array<number>(this.rank).fill(1), min: one(-1e9), max: one(1e9), epsilon: one(1e-7) };
  }

  resetRange(): void {}
}
