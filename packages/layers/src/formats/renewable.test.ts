import { expect, it } from 'vitest';
import { renewable } from './renewable.ts';

const trap = new WebAssembly.RuntimeError('memory access out of bounds');

function counted(again?: () => Promise<{ id: number }>) {
  return renewable(async () => ({ id: 0 }), again ?? (async (count) => ({ id: count })));
}

it('makes another instance after one has failed from within, and only then', async () => {
  const libraries = counted();
  const first = await libraries.current();
  expect(libraries.blame(first, new Error('no such dataset'))).toBe(false);
  expect(await libraries.current()).toBe(first);
  expect(libraries.blame(first, trap)).toBe(true);
  expect(libraries.hasFailed(first)).toBe(true);
  // Whoever asks at the same time gets the same one.
  const [second, third] = await Promise.all([libraries.current(), libraries.current()]);
  expect(second).toEqual({ id: 1 });
  expect(third).toBe(second);
  expect(libraries.hasFailed(second)).toBe(false);
  for (const error of [new RangeError('Maximum call stack size exceeded'), 123]) {
    const now = await libraries.current();
    expect(libraries.blame(now, error)).toBe(true);
    expect(await libraries.current()).not.toBe(now);
  }
});

it('keeps the old instance where no other can be had', async () => {
  const libraries = counted(() => Promise.reject(new Error('cannot find the package')));
  const first = await libraries.current();
  libraries.blame(first, trap);
  expect(await libraries.current()).toBe(first);
});

it('imports anew when the first import has failed', async () => {
  let installed = false;
  const libraries = renewable(
    () => (installed ? Promise.resolve({ id: 0 }) : Promise.reject(new Error('cannot find the package'))),
    async (count) => ({ id: count }),
  );
  await expect(libraries.current()).rejects.toThrow('cannot find the package');
  installed = true;
  expect(await libraries.current()).toEqual({ id: 0 });
});
