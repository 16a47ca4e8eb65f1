import * as tf from '@tensorflow/tfjs';
import { hostValues } from '../ops/host-view.ts';
import { type Constraint, isAllowed, project } from './constraint.ts';

const byVariable = new WeakMap<tf.Variable, StateVariable>();

/** The `StateVariable` that guards a variable, if any. */
export function stateVariableOf(variable: tf.Variable): StateVariable | undefined {
  return byVariable.get(variable);
}

/**
 * A tfjs variable that cannot hold a value outside its constraint, with a cached copy of its values.
 *
 * Constraints must hold after every optimizer step. tfjs-layers checks them only in `LayerVariable.write`, which
 * optimizers do not use: they call `assign` on the tf.Variable, as does every other writer (loading weights, restoring a
 * snapshot, user code). So the one method `assign` of this one variable object is wrapped. This holds under stock
 * `model.fit`, under a hand-written loop and with any optimizer, needs no call by the user, and never leaves a moment
 * where a read-out, a saved file or the next gradient sees a forbidden value.
 */
export class StateVariable {
  readonly variable: tf.Variable;
  readonly constraint: Constraint | null;
  private cached: Float32Array | null = null;

  constructor(weight: tf.LayerVariable, constraint: Constraint | null = null) {
    this.variable = weight.read() as tf.Variable;
    this.constraint = constraint;
    this.variable.assign = (value: tf.Tensor): void => {
      const corrected = this.corrected(value);
      assignRaw(this.variable, corrected ?? value);
      corrected?.dispose();
      this.cached = null;
    };
    byVariable.set(this.variable, this);
    tf.tidy(() => this.variable.assign(this.variable.clone()));
  }

  get shape(): readonly number[] {
    return this.variable.shape;
  }

  /** Current values; must not be written to. */
  get values(): Float32Array {
    this.cached ??= hostValues(this.variable);
    return this.cached;
  }

  /** Stores new values after projecting them onto the constraint. */
  assign(values: Float32Array): void {
    const projected = this.constraint == null ? values : values.map((value) => project(this.constraint, value));
    this.assignUnconstrained(projected);
  }

  /** Stores values as they are, even forbidden ones: "no range seen yet" is stored as −10⁹ in an `i` variable. */
  assignUnconstrained(values: Float32Array): void {
    tf.tidy(() => assignRaw(this.variable, tf.tensor(values, this.variable.shape, 'float32')));
    this.cached = null;
  }

  private corrected(value: tf.Tensor): tf.Tensor | null {
    const { constraint } = this;
    if (constraint == null) return null;
    const values = hostValues(value);
    if (values.every((element) => isAllowed(constraint, element))) return null;
    return tf.tensor(
      values.map((element) => project(constraint, element)),
      value.shape,
      'float32',
    );
  }
}

/** Writes a variable whose `assign` is wrapped, as it was before. */
export function assignRaw(variable: tf.Variable, value: tf.Tensor): void {
  (Object.getPrototypeOf(variable) as tf.Variable).assign.call(variable, value);
}
