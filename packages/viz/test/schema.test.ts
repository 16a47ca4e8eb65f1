import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { extremes } from './extremes.ts';
import { figures } from './samples.ts';

/** Vega-Lite ignores properties it does not know, so a misspelt one would be silent: its own JSON schema is stricter. */
let isValid: (spec: unknown) => boolean;

beforeAll(() => {
  const path = createRequire(import.meta.url).resolve('vega-lite/vega-lite-schema.json');
  const ajv = new Ajv({ strict: false, validateFormats: false });
  isValid = ajv.compile(JSON.parse(readFileSync(path, 'utf8')));
});

describe('the schema of Vega-Lite', () => {
  it.each(Object.entries(figures))('accepts %s', (_, make) => {
    expect(isValid(make())).toBe(true);
  });

  it.each(Object.entries(extremes))('accepts %s', (_, make) => {
    expect(isValid(make())).toBe(true);
  });

  it('refuses a misspelt property', () => {
    const spec = figures['ebops-by-layer']();
    expect(isValid({ ...spec, widht: 3 })).toBe(false);
  });
});
