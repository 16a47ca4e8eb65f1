import { type Buffer, buffer, reserve } from '../batch/buffer.ts';
import type { Memory } from '../memory/memory.ts';
import type { Operation } from './operation.ts';

/** A floating-point activation that ends a model. */
export type Head = 'softmax' | 'sigmoid';

/** The head of `width` numbers per image as an operation, for losses of the model's outputs. */
export function headOperation(
  head: Head,
  input: Buffer,
  width: number,
  memory: Memory,
): { readonly operation: Operation; readonly output: Buffer } {
  const output = buffer(memory);
  const operation: Operation = {
    prepare: ({ size }) => reserve(output, size * width),
    forward(_batch, { kernels, from, to }) {
      const [x, y] = [input.values.view, output.values.view];
      if (head === 'softmax') kernels.softmaxForward(x, y, width, from, to);
      else kernels.sigmoidForward(x, y, from * width, to * width);
    },
    backward(_batch, { kernels, from, to }) {
      const [y, dy, dx] = [output.values.view, output.gradient.view, input.gradient.view];
      if (head === 'softmax') kernels.softmaxBackward(y, dy, dx, width, from, to);
      else kernels.sigmoidBackward(y, dy, dx, from * width, to * width);
    },
    finish: () => 0,
  };
  return { operation, output };
}
