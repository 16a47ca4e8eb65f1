/** What runs in a Web Worker: the desk (images, figures, firmware), or one training. */
import { setBackend } from '@sp/layers';
import { type Method, serveCalls } from '../client/calls.ts';
import * as desk from './desk.ts';
import * as trainer from './trainer.ts';

const ready = setBackend('cpu');

const methods = Object.fromEntries(
  Object.entries<Method>({ ...desk, ...trainer }).map(([name, method]) => [
    name,
    async (argument: unknown, note: (value: unknown) => void) => {
      await ready;
      return method(argument as never, note);
    },
  ]),
);

serveCalls(methods, self as unknown as Parameters<typeof serveCalls>[1]);
