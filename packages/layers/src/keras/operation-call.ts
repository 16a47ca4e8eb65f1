import type * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import type { ConstantTensor } from '../layers/scale-shift.ts';
import { constantOf } from './constant-of.ts';
import { isTensor, type KerasCall, type KerasTensor } from './keras-calls.ts';
import type { KerasLayer } from './read-keras.ts';

type Symbolic = tf.SymbolicTensor;

/** One call of a functional operation: its arguments by position or name, and the settings of the operation itself. */
export class OperationCall {
  readonly name: string;
  readonly where: string;
  private readonly layer: KerasLayer;
  private readonly call: KerasCall;
  private readonly lookUp: (tensor: KerasTensor) => Symbolic;
  private steps = 0;

  constructor(layer: KerasLayer, call: KerasCall, lookUp: (tensor: KerasTensor) => Symbolic, used: number) {
    this.layer = layer;
    this.call = call;
    this.lookUp = lookUp;
    this.name = used === 0 ? layer.name : `${layer.name}_use${used + 1}`;
    this.where = `Layer '${layer.name}' (operation ${layer.className})`;
  }

  /** Arguments `index` or `name` as the file has it; `undefined` when absent. */
  raw(index: number, name: string): unknown {
    if (index >= 0 && index < this.call.args.length) return this.call.args[index];
    return this.call.kwargs[name] ?? this.layer.config[name];
  }

  /** Like `raw`, of a setting that is no argument of the call. */
  setting(name: string): unknown {
    return this.raw(-1, name);
  }

  /** A tensor of the model, or null when the argument is a constant. */
  tensor(index: number, name: string): Symbolic | null {
    const value = this.raw(index, name);
    return isTensor(value) ? this.lookUp(value) : null;
  }

  /** The data that the operation works on. */
  data(index = 0, name = 'x'): Symbolic {
    return this.tensor(index, name) ?? this.fail(`its argument ${name} is no tensor of the model`);
  }

  /** A list of tensors. */
  list(index: number, name: string): readonly Symbolic[] {
    const value = this.raw(index, name);
    if (Array.isArray(value) && value.every(isTensor)) return value.map((entry) => this.lookUp(entry));
    return this.fail(`its argument ${name} holds constants; only tensors of the model are supported`);
  }

  /** A number or an array of numbers. */
  constant(index: number, name: string): ConstantTensor {
    const value = this.raw(index, name);
    const found = constantOf(value);
    if (found != null) return found;
    return this.fail(`its argument ${name} = ${JSON.stringify(value)} is no number and no array of numbers`);
  }

  /** One number, or the fallback when the argument is absent. */
  number(index: number, name: string, fallback: number | null): number | null {
    const value = this.raw(index, name);
    if (value == null) return fallback;
    const { values } = this.constant(index, name);
    return values.length === 1 ? values[0] : this.fail(`its argument ${name} must be one number`);
  }

  /** Axes of the data, counted from the front; all behind the batch when there is no such argument. */
  axes(rank: number): readonly number[] {
    const value = this.raw(1, 'axis');
    if (value == null) return this.fail('it reduces the batch axis too. Give the axes: axis=(1, 2)');
    const list = (Array.isArray(value) ? value : [value]) as number[];
    return list.map((axis) => this.axis(axis, rank));
  }

  /** An axis counted from the front. @throws when it does not exist or is the batch. */
  axis(axis: unknown, rank: number): number {
    const counted = typeof axis === 'number' && axis < 0 ? axis + rank : axis;
    if (typeof counted === 'number' && Number.isInteger(counted) && counted > 0 && counted < rank) return counted;
    return this.fail(`axis ${JSON.stringify(axis)} of data of rank ${rank}; the batch axis must stay as it is`);
  }

  /** Name of the next layer that the operation becomes; the last one should be called `name`. */
  step(): string {
    return `${this.name}_step${++this.steps}`;
  }

  /** @throws naming the operation. */
  fail(problem: string): never {
    throw new LayerError(`${this.where}: ${problem}.`, { layer: this.layer.name });
  }
}

/** Applies a layer to one tensor or several. */
export function applied(layer: tf.layers.Layer, ...inputs: readonly Symbolic[]): Symbolic {
  return layer.apply(inputs.length === 1 ? inputs[0] : [...inputs]) as Symbolic;
}

/** What an operation becomes: layers, applied to the tensors of the call. */
export type Operation = (call: OperationCall) => tf.SymbolicTensor | readonly tf.SymbolicTensor[];
