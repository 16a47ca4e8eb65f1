import type { Room } from './memory/room.ts';
import type { Parameter, ParameterStore } from './optimizer.ts';

/** A trained variable of an engine. */
export class EngineParameter implements Parameter {
  readonly name: string;
  /** Factor on the learning rate. */
  rate = 1;
  readonly store: ParameterStore;
  readonly #values: Room<Float32Array>;
  readonly #gradient: Room<Float32Array>;

  constructor(name: string, values: Room<Float32Array>, gradient: Room<Float32Array>, store: ParameterStore) {
    this.name = name;
    this.store = store;
    this.#values = values;
    this.#gradient = gradient;
  }

  /** Values now: a view of the engine's memory, valid until the next step. */
  get values(): Float32Array {
    return this.#values.view;
  }

  /** Gradient of the last step, as `values`. */
  get gradient(): Float32Array {
    return this.#gradient.view;
  }
}
