import { describe, expect, it } from 'vitest';
import { figures } from '../../test/samples.ts';
import type { Json } from '../spec/json.ts';

/** JSON with one line per innermost object or list, so that a changed datum is one changed line. */
function pretty(value: Json, indent = ''): string {
  const flat = JSON.stringify(value);
  if (value === null || typeof value !== 'object' || flat.length < 100) return flat;
  const inner = `${indent} `;
  const [open, close, parts] = Array.isArray(value)
    ? ['[', ']', value.map((part) => pretty(part, inner))]
    : ['{', '}', Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${pretty(part, inner)}`)];
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
}

/** The files can be pasted into any Vega editor. */
describe.each(Object.entries(figures))('the specification of %s', (name, make) => {
  it('is the stored one', async () => {
    await expect(`${pretty(make())}\n`).toMatchFileSnapshot(`../../test/specs/${name}.vl.json`);
  });

  it('is plain JSON and does not change from call to call', () => {
    const spec = make({ theme: 'dark' });
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
    expect(make({ theme: 'dark' })).toEqual(spec);
  });
});
