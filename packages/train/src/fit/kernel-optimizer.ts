import * as heapKernels from '../engine/kernels/index.ts';
import type { Optimizer, OptimizerKernels, OptimizerState, Parameter, ParameterStore } from '../engine/optimizer.ts';
import { OptionError } from '../option-error.ts';

/** What tells one optimizer from another. */
export interface KernelOptimizerSettings {
  /** For messages. */
  readonly name: string;
  /** Arrays per parameter, of its length, 0 at first. */
  readonly slots: number;
  /** Gradients are scaled down together when their common L2 norm exceeds this. */
  readonly clipNorm?: number | undefined;
  /** Moves one parameter in step `step` (from 1). */
  update(move: Move): void;
}

/** One parameter in one step. */
export interface Move {
  readonly kernels: OptimizerKernels;
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  readonly slots: readonly Float32Array[];
  /** Learning rate times the parameter's own factor. */
  readonly rate: number;
  /** Factor on the gradient. */
  readonly clip: number;
  readonly step: number;
}

/** An array of the optimizer, on the heap or in the memory of an engine. */
interface Slot {
  readonly view: Float32Array;
}

/**
 * An optimizer whose arithmetic is a kernel. It works on the host, on typed arrays: on the CPU and WASM backends the gradients
 * already lie in this process's memory, and some ten thousand parameters cost less there than the dispatch of the ten tensor
 * operations that each variable needs otherwise. Where parameters live in the memory of an engine, its arrays do, too.
 *
 * @throws OptionError for a clipping norm that is not positive.
 */
export function kernelOptimizer({ name, slots: count, clipNorm, update }: KernelOptimizerSettings): Optimizer {
  if (clipNorm !== undefined && !(clipNorm > 0)) throw new OptionError(`${name}: clipNorm ${clipNorm} is not positive`);
  let step = 0;
  let store: ParameterStore | undefined;
  let slots: (readonly Slot[])[] = [];

  /** Refuses the state of another model or optimizer: kernels would read and write past its arrays. */
  function checkState(parameters: readonly Parameter[]): void {
    const refuse = (problem: string): never => {
      throw new OptionError(`${name}: ${problem}; the model has changed: give it an optimizer of its own`);
    };
    if (slots.length !== parameters.length) {
      refuse(`${parameters.length} parameters, but the state is of ${slots.length}`);
    }
    for (const [index, { name: parameter, values }] of parameters.entries()) {
      const arrays = slots[index];
      if (arrays.length !== count) {
        throw new OptionError(
          `${name}: the state has ${arrays.length} arrays per parameter, not ${count}; restore that of the same kind of optimizer`,
        );
      }
      const other = arrays.find(({ view }) => view.length !== values.length);
      if (other === undefined) continue;
      refuse(`'${parameter}' has ${values.length} numbers, but the state ${other.view.length}`);
    }
  }

  function adopt(parameters: readonly Parameter[]): void {
    if (step === 0) {
      slots = parameters.map(({ values: { length } }) =>
        Array.from({ length: count }, () => ({ view: new Float32Array(length) })),
      );
      store = undefined;
    }
    checkState(parameters);
    const now = parameters[0]?.store;
    if (now === store) return;
    slots = slots.map((arrays) =>
      arrays.map(({ view }) => {
        if (now === undefined) return { view: view.slice() };
        const room = now.reserve(view.length);
        room.view.set(view);
        return room;
      }),
    );
    store = now;
  }

  return {
    step(parameters, learningRate) {
      adopt(parameters);
      step++;
      const clip = clipNorm === undefined ? 1 : Math.min(1, clipNorm / gradientNorm(parameters));
      const kernels = store?.kernels ?? heapKernels;
      for (const [index, { values, gradient, rate }] of parameters.entries()) {
        const arrays = slots[index].map(({ view }) => view);
        update({ kernels, values, gradient, slots: arrays, rate: learningRate * rate, clip, step });
      }
    },
    state: (): OptimizerState => ({ step, slots: slots.map((arrays) => arrays.map(({ view }) => view.slice())) }),
    restore(state) {
      step = state.step;
      slots = state.slots.map((arrays) => arrays.map((array) => ({ view: array.slice() })));
      store = undefined;
    },
  };
}

/** L2 norm of all gradients together; never 0, so that it can divide. */
function gradientNorm(parameters: readonly Parameter[]): number {
  let sum = 0;
  for (const { gradient } of parameters) for (const g of gradient) sum += g * g;
  return Math.max(Math.sqrt(sum), Number.MIN_VALUE);
}
