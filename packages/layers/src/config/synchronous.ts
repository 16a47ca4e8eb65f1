import { LayerError } from '../layer-error.ts';
/**
 * Passes `result` on unless it is a promise: a scope ends when its callback returns, so what an asynchronous callback
 * does after its first `await` would silently miss it.
 */
export function refusePromise<Result>(scope: string, result: Result): Result {
  if (result instanceof Promise) {
    throw new LayerError(`${scope}: the callback must not be asynchronous; build the layers in it without await.`);
  }
  return result;
}
