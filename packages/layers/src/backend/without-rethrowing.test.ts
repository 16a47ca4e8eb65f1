import { expect, it } from 'vitest';
import { setBackend } from './set-backend.ts';
import { withoutRethrowing } from './without-rethrowing.ts';

it('the wasm backend leaves no listener for uncaught errors behind', async () => {
  const count = (): number[] => [
    process.listenerCount('uncaughtException'),
    process.listenerCount('unhandledRejection'),
  ];
  const before = count();
  await setBackend('wasm');
  expect(count()).toEqual(before);
});

it("others' listeners stay", async () => {
  const mine = (): void => {};
  const glue = Function('return function(reason){throw reason}')() as () => void;
  await withoutRethrowing(async () => {
    process.on('unhandledRejection', mine);
    process.on('unhandledRejection', glue);
  });
  expect(process.listeners('unhandledRejection')).toContain(mine);
  expect(process.listeners('unhandledRejection')).not.toContain(glue);
  process.off('unhandledRejection', mine);
});
