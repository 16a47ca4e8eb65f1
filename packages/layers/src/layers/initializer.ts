import * as tf from '@tensorflow/tfjs';
import { LayerError } from '../layer-error.ts';

/** A tfjs initializer object. */
export type Initializer = ReturnType<typeof tf.initializers.zeros>;

/** An initializer object, its name (`'glorotUniform'`), or what `getConfig` made of one. */
export type InitializerLike = Initializer | string | { readonly className: string; readonly config: object };

/** Resolves what a user or a saved config gives as initializer. @throws on unknown names. */
export function initializerOf(
  given: InitializerLike | null | undefined,
  fallback: InitializerLike,
  where: string,
): Initializer {
  const wanted = given ?? fallback;
  if (wanted instanceof Object && 'apply' in wanted) return wanted;
  const { className, config } =
    typeof wanted === 'string' ? { className: wanted.charAt(0).toUpperCase() + wanted.slice(1), config: {} } : wanted;
  const entry = tf.serialization.SerializationMap.getMap().classNameMap[className];
  if (entry == null)
    throw new LayerError(`${where}: unknown initializer '${className}'. Use one of tf.initializers.`, {
      option: 'initializer',
      value: given,
    });
  const [initializerClass, fromConfig] = entry;
  return fromConfig(initializerClass, config as tf.serialization.ConfigDict) as Initializer;
}

/** An initializer, regularizer or constraint as plain data for `getConfig`. */
export function initializerConfig(
  initializer: Pick<Initializer, 'getClassName' | 'getConfig'>,
): tf.serialization.ConfigDict {
  return { className: initializer.getClassName(), config: initializer.getConfig() };
}
