import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCompiler } from '@sp/hls';
import { describe, expect, it } from 'vitest';
import { type TrainedReport, trained, trainedTable } from '../src/trained.ts';
import { syntheticTrained } from './support/synthetic-trained.ts';

/** The published networks may not be part of the repository. */
const published = fileURLToPath(new URL('../../../../shared/golden/trained_mnist.json', import.meta.url));
const hasCompiler = await findCompiler().then(
  () => true,
  () => false,
);

function expectEqualCompiled(report: TrainedReport): void {
  expect(report.compiler.found).toBe(hasCompiler);
  for (const { compiled } of report.networks) {
    if (hasCompiler) expect(compiled).toEqual({ compared: expect.toSatisfy((n: number) => n > 1000), mismatches: 0 });
    else expect(compiled).toBeUndefined();
  }
}

describe('trained, with compiled C++', () => {
  it('finds synthetic networks again in all three views', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'trained-'));
    try {
      const path = join(folder, 'synthetic.json');
      const file = syntheticTrained({
        height: 11,
        width: 10,
        channels: 2,
        threshold: 0.2,
        architecture: [
          ['conv', 3, 2],
          ['conv', 5, 2],
          ['avg', 3],
          ['dense', 6, 'relu'],
          ['dense', 3, 'sigmoid'],
        ],
        images: 20,
        seed: 5,
      });
      await writeFile(path, JSON.stringify(file));
      const report = await trained(path);
      expect(report.failures).toEqual([]);
      expectEqualCompiled(report);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('finds the published networks again in all three views', async ({ skip }) => {
    if (!existsSync(published)) skip('../shared/golden/trained_mnist.json is not here');
    const report = await trained(published);
    expect(trainedTable(report)).toMatch(/all within tolerance$/);
    expect(report.ok).toBe(true);
    expect(report.networks).toHaveLength(8);
    for (const { float, fixed, bits } of report.networks) {
      expect(float.cpu.reproduced).toBeGreaterThanOrEqual(99);
      expect(float.wasm.reproduced).toBeGreaterThanOrEqual(99);
      expect(fixed.agreed).toBeGreaterThanOrEqual(bits === 16 ? 98 : 95);
    }
    expectEqualCompiled(report);
  });
});
