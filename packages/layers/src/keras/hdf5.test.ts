import { expect, it, vi } from 'vitest';

const signature = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a);

it('says what to install when h5wasm is not there', async () => {
  vi.doMock('h5wasm', () => {
    throw new Error('Cannot find package');
  });
  // A copy of its own: test files share their modules, and another one may have loaded the library already.
  const copy = './hdf5.ts?without-h5wasm';
  try {
    const { readHdf5 } = (await import(/* @vite-ignore */ copy)) as typeof import('./hdf5.ts');
    await expect(readHdf5(signature, 'weights')).rejects.toThrow(
      'Reading weights needs the package h5wasm. Install it',
    );
  } finally {
    vi.doUnmock('h5wasm');
  }
});
