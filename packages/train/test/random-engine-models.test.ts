import { setBackend } from '@sp/layers';
import { beforeAll, expect, it } from 'vitest';
import { randomParities } from './support/random-parities.ts';

beforeAll(() => setBackend('wasm'));

it('trains 400 random models as tfjs does', () => {
  expect(randomParities(1000, 400).size).toBeGreaterThanOrEqual(8);
});
