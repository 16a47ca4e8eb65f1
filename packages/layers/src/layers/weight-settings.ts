import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';
import { tidy } from '../ops/tf.ts';
import { assignRaw } from '../quantizer/state-variable.ts';
import { type Initializer, type InitializerLike, initializerConfig, initializerOf } from './initializer.ts';
import type { Names } from './option-list.ts';

/** A tfjs regularizer object: `tf.regularizers.l2({ l2: 1e-4 })`. */
export type Regularizer = ReturnType<typeof tf.regularizers.l2>;

/** A tfjs constraint object: `tf.constraints.maxNorm({ maxValue: 2, axis: 0 })`. */
export type WeightConstraint = ReturnType<typeof tf.constraints.nonNeg>;

/** An object of tfjs, its name (`'l1l2'`, `'nonNeg'`), or what `getConfig` made of one. */
export type RegularizerLike = Regularizer | string | { readonly className: string; readonly config: object };
/** As `RegularizerLike`. */
export type WeightConstraintLike = WeightConstraint | string | { readonly className: string; readonly config: object };

/** Options of layers with a kernel and a bias, as Keras has them. All are about the weights before quantisation. */
export interface WeightArgs {
  /** Default glorotUniform. */
  readonly kernelInitializer?: InitializerLike | null;
  /** Adds a term to the loss. Default none. Trained by tfjs, not by the fused engine. */
  readonly kernelRegularizer?: RegularizerLike | null;
  /** Holds after every change of the kernel. Default none. Trained by tfjs, not by the fused engine. */
  readonly kernelConstraint?: WeightConstraintLike | null;
  /** Default zeros. */
  readonly biasInitializer?: InitializerLike | null;
  /** As `kernelRegularizer`. */
  readonly biasRegularizer?: RegularizerLike | null;
  /** As `kernelConstraint`. */
  readonly biasConstraint?: WeightConstraintLike | null;
}

/** Their names. */
export const weightOptions: Names<WeightArgs> = {
  kernelInitializer: 0,
  kernelRegularizer: 0,
  kernelConstraint: 0,
  biasInitializer: 0,
  biasRegularizer: 0,
  biasConstraint: 0,
};

/** `tf.layers.Layer.addWeight`. */
type AddWeight = (
  name: string,
  shape: number[],
  dtype: 'float32',
  initializer: Initializer,
  regularizer: Regularizer | undefined,
) => tf.LayerVariable;

/** How the kernel and the bias of a layer begin, what they cost and where they stay. */
export class WeightSettings {
  private readonly of: Readonly<Record<'kernel' | 'bias', Setting>>;

  /** @throws LayerError for names that tfjs does not know. */
  constructor(args: WeightArgs, where: string) {
    this.of = {
      kernel: {
        initializer: initializerOf(args.kernelInitializer, 'glorotUniform', where),
        regularizer: resolved<Regularizer>(args.kernelRegularizer, 'kernelRegularizer', where),
        constraint: resolved<WeightConstraint>(args.kernelConstraint, 'kernelConstraint', where),
      },
      bias: {
        initializer: initializerOf(args.biasInitializer, 'zeros', where),
        regularizer: resolved<Regularizer>(args.biasRegularizer, 'biasRegularizer', where),
        constraint: resolved<WeightConstraint>(args.biasConstraint, 'biasConstraint', where),
      },
    };
  }

  /** Options that are set beyond the initial values, for what trains without tfjs. */
  get beyondInitial(): readonly string[] {
    return Object.entries(this.of).flatMap(([weight, { regularizer, constraint }]) => [
      ...(regularizer == null ? [] : [`${weight}Regularizer`]),
      ...(constraint == null ? [] : [`${weight}Constraint`]),
    ]);
  }

  /** Creates a weight of the layer. Default `name`: its kind. */
  add(
    layer: tf.layers.Layer,
    weight: 'kernel' | 'bias',
    shape: readonly number[],
    name: string = weight,
  ): tf.LayerVariable {
    const { initializer, regularizer, constraint } = this.of[weight];
    const addWeight = (layer as unknown as { readonly addWeight: AddWeight }).addWeight.bind(layer);
    const variable = addWeight(name, [...shape], 'float32', initializer, regularizer ?? undefined);
    if (constraint != null) constrain(variable.read() as tf.Variable, constraint);
    return variable;
  }

  /** Plain data for `getConfig`; settings that are not there are left out. */
  config(): tf.serialization.ConfigDict {
    const config: tf.serialization.ConfigDict = {};
    for (const [weight, { initializer, regularizer, constraint }] of Object.entries(this.of)) {
      config[`${weight}Initializer`] = initializerConfig(initializer);
      if (regularizer != null) config[`${weight}Regularizer`] = initializerConfig(regularizer);
      if (constraint != null) config[`${weight}Constraint`] = initializerConfig(constraint);
    }
    return config;
  }
}

interface Setting {
  readonly initializer: Initializer;
  readonly regularizer: Regularizer | null;
  readonly constraint: WeightConstraint | null;
}

/**
 * Lets a constraint hold whoever writes the variable (see `StateVariable`). Values that satisfy it up to rounding stay as they
 * are: a unit norm computed twice differs in the last bit, and loading a model must not change it.
 */
function constrain(variable: tf.Variable, constraint: WeightConstraint): void {
  variable.assign = (value: tf.Tensor): void => {
    tidy(() => {
      const allowed = constraint.apply(value);
      const distance = tf.max(tf.abs(tf.sub(allowed, value))).dataSync()[0];
      const size = tf.max(tf.abs(value)).dataSync()[0];
      assignRaw(variable, distance <= 1e-6 * size ? value : allowed);
    });
  };
  tidy(() => variable.assign(variable.clone()));
}

/** What a user or a saved config gives. @throws LayerError on unknown names. */
function resolved<T extends Regularizer | WeightConstraint>(
  given: T | string | { readonly className: string; readonly config: object } | null | undefined,
  option: keyof WeightArgs,
  where: string,
): T | null {
  if (given == null) return null;
  if (given instanceof Object && 'apply' in given) return given;
  const { className, config } =
    typeof given === 'string' ? { className: given.charAt(0).toUpperCase() + given.slice(1), config: {} } : given;
  // tfjs registers this one with capitals only.
  const entry = tf.serialization.SerializationMap.getMap().classNameMap[className === 'L1l2' ? 'L1L2' : className];
  // All kinds of objects are registered under their names: an initializer is neither.
  const isRegularizer = option.endsWith('Regularizer');
  const base = baseClassOf(isRegularizer ? tf.regularizers.l1l2() : tf.constraints.nonNeg());
  if (entry == null || !(entry[0].prototype instanceof base)) {
    const kind = isRegularizer ? 'tf.regularizers' : 'tf.constraints';
    throw new LayerError(`${where}: unknown ${option} '${className}'. Use one of ${kind}.`, { option, value: given });
  }
  const [entryClass, fromConfig] = entry;
  return fromConfig(entryClass, config as tf.serialization.ConfigDict) as unknown as T;
}

/** tfjs does not export its base classes. */
function baseClassOf(instance: object): new () => object {
  return Object.getPrototypeOf(instance.constructor);
}
