import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generator } from '@sp/test-graphs';
import { describe, expect, it } from 'vitest';
import { FirmwareError } from '../errors.ts';
import { readCsv } from './csv.ts';
import { evaluatePublished } from './evaluate-published.ts';
import { fitLogLinear, median, predictLogLinear, solve } from './log-linear.ts';
import { kernelCycles, networkCycles } from './published-laws.ts';
import { readKernelRows, readNetworkRows } from './published-rows.ts';

const SCALING = 'layer,bits,project,n_out,m_n_sparse,m_chan,m_filt,m_ker,m_h,m_w,lat_min,ii_min,vLUT,vDSP';
const MODELS = 'task,bits,n_sparse,input_t,lat_min,ii_min,vLUT,vDSP';

/** A made-up study with the trends of the published one and 3 % of noise. */
function study(): string {
  const random = generator(3);
  const noise = () => 1 + (random.next() - 0.5) * 0.06;
  const lines = [SCALING];
  for (const bits of [8, 16]) {
    for (let n = 5; n <= 30; n += 5) {
      for (const [h, w] of [
        [10, 10],
        [30, 10],
        [50, 20],
        [50, 50],
      ]) {
        const lat = kernelCycles({
          kernel: 'reduction',
          bits,
          slots: n,
          channels: 1,
          filters: 1,
          side: 1,
          pixels: h * w,
          outputs: 0,
        }).latency;
        lines.push(
          `reduction,${bits}b,r,,${n},1,,,${h},${w},${lat},${lat},${Math.round(h * w * 3 * bits * noise())},0`,
        );
      }
      for (const c of [1, 2, 3]) {
        for (const f of [1, 2, 3]) {
          const lat = 2 + c + (n >= 25 ? 1 : 0);
          const lut = Math.round(n * n * f * (30 + 14 * c) * noise());
          lines.push(`conv,${bits}b,c,,${n},${c},${f},3,,,${lat},${lat},${lut},${n * n * f * (bits > 10 ? c : c - 1)}`);
        }
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

describe('readCsv', () => {
  it('knows quoted fields', () => {
    expect(readCsv('a,b,c\n1,"x<2,3>",\n', 't')).toEqual([{ a: '1', b: 'x<2,3>', c: '' }]);
  });

  it('names a broken line', () => {
    expect(() => readCsv('a,b\n1,2\n3\n', 'reports')).toThrow(/reports, line 3: 1 fields for 2 columns/);
    expect(() => readCsv('', 'reports')).toThrow(FirmwareError);
  });
});

describe('published rows', () => {
  it('name what is missing', () => {
    expect(() => readKernelRows(`${SCALING}\nconv,8b,c,,5,1,1,,,,3,3,10,0`)).toThrow(/row 1: column m_ker is ""/);
    expect(() => readKernelRows(`${SCALING}\nfft,8b,c,,5,1,1,3,,,3,3,10,0`)).toThrow(/unknown layer "fft"/);
    expect(() => readNetworkRows(`${MODELS}\njet,wide,20,t,140,84,1,1`)).toThrow(/bits is "wide"/);
  });
});

// sparsepixels §3 and §3.1
describe('laws of the published kernels', () => {
  const sizes = { channels: 1, filters: 1, side: 3, pixels: 100, outputs: 0, bits: 8 };

  it('hold for the kernels that the reference lists', () => {
    expect(kernelCycles({ ...sizes, kernel: 'reduction', slots: 5 })).toEqual({ latency: 12, interval: 12 });
    expect(kernelCycles({ ...sizes, kernel: 'reduction', slots: 30, pixels: 2000 }).latency).toBe(93);
    expect(kernelCycles({ ...sizes, kernel: 'conv', slots: 20, channels: 3 }).latency).toBe(5);
    expect(kernelCycles({ ...sizes, kernel: 'conv', slots: 25, channels: 3 }).latency).toBe(6);
    expect(kernelCycles({ ...sizes, kernel: 'avgpool', slots: 20 }).latency).toBe(7);
    expect(kernelCycles({ ...sizes, kernel: 'flatten', slots: 5 }).latency).toBe(6);
  });

  it('hold for whole networks: interval exact, latency within two cycles', () => {
    const table: [string, number, number, number, number][] = [
      ['jet', 8, 20, 140, 84],
      ['jet', 16, 8, 78, 35],
      ['sparsemnist', 8, 16, 124, 67],
      ['sparsemnist', 16, 12, 106, 52],
    ];
    for (const [task, bits, slots, latency, interval] of table) {
      const cycles = networkCycles({ task, bits, slots });
      expect(cycles?.interval).toBe(interval);
      expect(Math.abs((cycles?.latency ?? 0) - latency)).toBeLessThanOrEqual(2);
    }
    expect(networkCycles({ task: 'jet', bits: 8 })).toBeUndefined();
    expect(networkCycles({ task: 'unknown', bits: 8, slots: 8 })).toBeUndefined();
  });
});

describe('fitLogLinear', () => {
  it('finds a product of powers again', () => {
    const random = generator(8);
    const features = Array.from({ length: 60 }, () => [random.next() * 3, random.next(), random.integer(0, 1)]);
    const value = ([a, b, c]: number[]) => 100 * Math.exp(0.7 * a - 0.4 * b + 0.2 * c);
    const model = fitLogLinear(features, features.map(value), 1e-9);
    expect(model.medianError).toBeLessThan(1e-6);
    expect(predictLogLinear(model, [1, 0.5, 1])).toBeCloseTo(value([1, 0.5, 1]), 3);
  });

  it('solves and takes medians', () => {
    expect(
      solve(
        [
          [2, 1],
          [1, 3],
        ],
        [3, 5],
      ),
    ).toEqual([0.8, 1.4]);
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });
});

describe('evaluatePublished', () => {
  it('estimates rows it has not seen', () => {
    const models = [
      MODELS,
      'jet,8b,,t,8390,4340,59614,6',
      'jet,8b,20,t,140,84,421014,5',
      'jet,8b,16,t,119,67,323718,5',
      'jet,8b,12,t,97,52,255724,5',
    ].join('\n');
    const { agreements, skipped, rows } = evaluatePublished(models, study());
    const [all] = agreements;
    expect(all.rows).toBe(2 * 6 * (4 + 9) + 3);
    expect(skipped).toBe(1);
    expect(all.bothExact / all.rows).toBeGreaterThan(0.95);
    expect(all.lutError).toBeLessThan(0.05);
    expect(all.dspError).toBe(0);
    expect(rows.filter(({ group }) => group === 'network').length).toBe(3);
  });

  it('says when a law is broken', () => {
    const broken = study().replaceAll(
      /^(conv,.*?),(\d+),(\d+),(\d+),(\d+)$/gm,
      (_, head, lat, ii, lut, dsp) => `${head},${Number(lat) + 1},${ii},${lut},${dsp}`,
    );
    const conv = evaluatePublished(`${MODELS}\n`, broken).agreements.find(({ group }) => group === 'conv');
    expect(conv).toMatchObject({ latencyExact: 0, intervalExact: 108, bothExact: 0, latencyWorst: 1 });
  });

  const golden = (name: string) => fileURLToPath(new URL(`../../../../../shared/golden/${name}`, import.meta.url));
  const present = existsSync(golden('vitis_models.csv')) && existsSync(golden('vitis_scaling.csv'));
  it.runIf(present)('agrees with the published reports, where they are at hand', () => {
    const { agreements } = evaluatePublished(
      readFileSync(golden('vitis_models.csv'), 'utf8'),
      readFileSync(golden('vitis_scaling.csv'), 'utf8'),
    );
    const [all] = agreements;
    expect(all.latencyExact / all.rows).toBeGreaterThanOrEqual(0.97);
    expect(all.intervalExact / all.rows).toBeGreaterThanOrEqual(0.99);
    expect(all.lutError).toBeLessThanOrEqual(0.05);
    expect(all.dspError).toBeLessThanOrEqual(0.1);
  });
});
