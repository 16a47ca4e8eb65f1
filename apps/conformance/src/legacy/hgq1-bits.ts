import { integerBits } from '@sp/layers/hgq1';
import { absolute, type Check } from '../parity/compare.ts';
import { asFloats, asRow } from './fixture.ts';

/** Integer bits of numbers at and beside powers of two. */
export async function checkHgq1Bits(content: unknown): Promise<readonly Check[]> {
  const row = asRow(content, 'the file');
  const ours = Array.from(asFloats(row['x'], 'x'), integerBits);
  return [absolute('integer bits', 'all numbers', ours, asFloats(row['i_right'], 'i_right'), 0)];
}
