import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { legacy, legacyTable } from './legacy.ts';

const golden = process.env['SP_LEGACY'] ?? fileURLToPath(new URL('../../../../shared/golden/legacy', import.meta.url));

describe('legacy', () => {
  it('finds nothing out of tolerance in the recorded numbers', async (context) => {
    if (!existsSync(golden)) context.skip('the recorded numbers (../shared/golden/legacy) are not here');
    const report = await legacy(golden);
    if (process.env['SP_LEGACY_PRINT'] != null) process.stdout.write(`${legacyTable(report)}\n`);
    expect(report.files.flatMap(({ failures }) => failures)).toEqual([]);
    expect(report.files.map(({ file }) => file)).toEqual([
      'qkeras_quantizers.json',
      'qkeras_models.json',
      'hgq1_models.json',
      'hgq1_bits.json',
    ]);
    expect(report.ok).toBe(true);
  });
});
