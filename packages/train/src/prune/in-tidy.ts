import * as tf from '@tensorflow/tfjs';

/** What `compute` returns, no tensor, after its tensors are disposed. */
export function inTidy<T>(compute: () => T): T {
  let result: { readonly value: T } | undefined;
  tf.tidy(() => {
    result = { value: compute() };
  });
  return (result as unknown as { readonly value: T }).value;
}
