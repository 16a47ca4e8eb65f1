import { LayerError } from '../layer-error.ts';
import { refusePromise } from './synchronous.ts';

/** Defaults of all quantised layers (hgq2 §3.6). */
export interface LayerDefaults {
  /** Initial weight of the layer's EBOPs in the loss. */
  readonly beta0: number;
  /** Whether layers count their EBOPs and add them to the loss; needs input quantizers. */
  readonly enableEbops: boolean;
  /** Whether layers quantise their inputs. */
  readonly enableIq: boolean;
  /** Whether layers quantise their outputs. */
  readonly enableOq: boolean;
}

const stack: LayerDefaults[] = [{ beta0: 1e-5, enableEbops: true, enableIq: true, enableOq: false }];

/** Defaults in force now. */
export function layerDefaults(): LayerDefaults {
  return stack[stack.length - 1];
}

/**
 * Runs `body` with other layer defaults; scopes nest, the innermost wins setting by setting. Settings are read when a
 * layer is made inside `body`.
 *
 * @returns what `body` returns; `body` must not be asynchronous.
 * @throws on an unknown setting.
 * @example
 * const model = layerConfigScope({ beta0: 1e-6 }, () => buildModel());
 */
export function layerConfigScope<Result>(defaults: Partial<LayerDefaults>, body: () => Result): Result {
  for (const name of Object.keys(defaults)) {
    if (!(name in stack[0])) {
      throw new LayerError(`layerConfigScope: unknown setting '${name}'. Known: ${Object.keys(stack[0]).join(', ')}.`, {
        option: name,
        value: defaults[name as keyof LayerDefaults],
      });
    }
  }
  stack.push({ ...layerDefaults(), ...defaults });
  try {
    return refusePromise('layerConfigScope', body());
  } finally {
    stack.pop();
  }
}
