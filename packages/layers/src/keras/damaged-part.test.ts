import { FileError } from '@sp/quant/files';
import { expect, it } from 'vitest';
import { LayerError } from '../layer-error.ts';
import { damagedPart } from './damaged-part.ts';
import { parseTolerantJson } from './tolerant-json.ts';

it('names the layer when something else than ours complains, and lets our errors through', () => {
  const broken = () => damagedPart("Layer 'fc' (Dense)", () => (undefined as unknown as string).length);
  expect(broken).toThrow(/^Layer 'fc' \(Dense\) cannot be built \(.*undefined.*\)\. The file is damaged/);
  expect(broken).toThrow(LayerError);
  for (const error of [new LayerError('mine'), new FileError('a', 'b', 'c')]) {
    expect(() =>
      damagedPart('here', () => {
        throw error;
      }),
    ).toThrow(error);
  }
  expect(damagedPart('here', () => 1)).toBe(1);
});

it('refuses JSON that would overflow the stack of its readers', () => {
  expect(() => parseTolerantJson(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)).toThrow(/nested deeper than 256/);
});
