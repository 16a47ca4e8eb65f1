import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { legacy, legacyTable } from './legacy.ts';

const golden = process.env['SP_LEGACY'] ?? fileURLToPath(new URL('../../../../shared/golden/legacy', import.meta.url));

describe('legacy', () => {
  it.skipIf(!existsSync(golden))('finds nothing out of tolerance in the recorded numbers', async () => {
    const report = await legacy(golden);
    if (process.env['SP_LEGACY_PRINT'] != null) process.stdout.write(`${legacyTable(report)}\n`);
    const implemented = ['qkeras_quantizers.json', 'qkeras_models.json'];
    const files = report.files.filter(({ file }) => implemented.includes(file));
    expect(files.length).toBe(implemented.length);
    expect(files.flatMap(({ failures }) => failures)).toEqual([]);
  });
});
