import { expect, it } from 'vitest';
import { FirmwareError } from './errors.ts';
import { nodeModules } from './node-modules.ts';

it('says outside Node what can be done there', () => {
  const real = process.getBuiltinModule;
  try {
    // Nothing runs in between.
    Object.assign(process, { getBuiltinModule: undefined });
    expect(nodeModules).toThrow(FirmwareError);
    expect(nodeModules).toThrow('in Node only; in a browser, emit(plan) gives its files as texts');
  } finally {
    Object.assign(process, { getBuiltinModule: real });
  }
  expect(nodeModules().childProcess.spawn).toBeTypeOf('function');
});
