import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { zoo } from './zoo.ts';

/** Real files of layers that work on sequences. */
const folder = fileURLToPath(new URL('../test/fixtures/zoo-sequences', import.meta.url));

it('takes layers on sequences through all stages', async () => {
  const { rows } = await zoo(folder, { compile: 0 });
  const equal = { state: 'equal' };
  const stages = { imported: equal, outputs: equal, ebops: equal, lowered: equal, interpreter: equal };
  expect(rows).toEqual(
    ['QGRU', 'QMultiHeadAttention', 'QSimpleRNN'].map((name) => ({ name, classes: [name], ...stages })),
  );
});
