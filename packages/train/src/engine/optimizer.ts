/** A variable as an optimizer sees it. */
export interface Parameter {
  /** The layer's own name for it, e.g. `conv1/kernel`; not unique across models. */
  readonly name: string;
  /** Current values; the optimizer writes the new ones here. */
  readonly values: Float32Array;
  /** Gradient of the loss, same length. */
  readonly gradient: Float32Array;
  /** Factor on the learning rate; 0 leaves the values as they are. */
  readonly rate: number;
  /** Where the values live, if not on the heap: optimizers of this package keep their own arrays there, too. */
  readonly store?: ParameterStore;
}

/** The arithmetic of the optimizers, per parameter; `rate` and `clip` are factors on step and gradient. */
export interface OptimizerKernels {
  /** How many of the first `count` numbers are NaN or infinite. */
  countNotFinite(values: Float32Array, count: number): number;
  adamStep(
    values: Float32Array,
    gradient: Float32Array,
    mean: Float32Array,
    square: Float32Array,
    rate: number,
    clip: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    count: number,
  ): void;
  momentumStep(
    values: Float32Array,
    gradient: Float32Array,
    velocity: Float32Array,
    rate: number,
    clip: number,
    momentum: number,
    nesterov: number,
    count: number,
  ): void;
}

/** The memory of an engine, for optimizers. */
export interface ParameterStore {
  readonly kernels: OptimizerKernels;
  /** An array of zeros in the same memory; its view may become another object whenever something is reserved. */
  reserve(length: number): { readonly view: Float32Array };
}

/** What an optimizer has to remember to go on exactly where it stopped; plain data. */
export interface OptimizerState {
  /** Steps done. */
  readonly step: number;
  /** Per parameter, in the model's order, the optimizer's own arrays. */
  readonly slots: readonly (readonly Float32Array[])[];
}

/** Turns gradients into new values. Computes on the host, in place. */
export interface Optimizer {
  /** Applies one step; the order of `parameters` must be the same in all calls. */
  step(parameters: readonly Parameter[], learningRate: number): void;
  state(): OptimizerState;
  restore(state: OptimizerState): void;
}
