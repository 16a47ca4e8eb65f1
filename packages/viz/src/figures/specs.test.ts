import { describe, expect, it } from 'vitest';
import { figures } from '../../test/samples.ts';

/** The files can be pasted into any Vega editor. */
describe.each(Object.entries(figures))('the specification of %s', (name, make) => {
  it('is the stored one', async () => {
    await expect(`${JSON.stringify(make(), null, 1)}\n`).toMatchFileSnapshot(`../../test/specs/${name}.vl.json`);
  });

  it('is plain JSON and does not change from call to call', () => {
    const spec = make({ theme: 'dark' });
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
    expect(make({ theme: 'dark' })).toEqual(spec);
  });
});
