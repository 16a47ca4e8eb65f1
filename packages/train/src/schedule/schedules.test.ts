import { describe, expect, it } from 'vitest';
import { betaPid } from './beta-pid.ts';
import { cosineLr, cosineRestartsLr, piecewiseLr } from './cosine-lr.ts';
import { type BetaPoint, piecewiseBeta } from './piecewise-beta.ts';

describe('cosineLr', () => {
  it('goes from lr0 over its half to alpha and stays there', () => {
    const lr = cosineLr(2, { epochs: 4, stepsPerEpoch: 10, alpha: 0.1 });
    expect(lr(0)).toBe(2);
    expect(lr(20)).toBeCloseTo(2 * (0.9 * 0.5 + 0.1), 12);
    expect(lr(40)).toBeCloseTo(0.2, 12);
    expect(lr(1000)).toBe(lr(40));
  });

  it('rises linearly while warming up', () => {
    const lr = cosineLr(1, { epochs: 4, stepsPerEpoch: 10, warmup: 1 });
    expect([lr(0), lr(4), lr(10)]).toEqual([1 / 11, 5 / 11, 1]);
    expect(lr(25)).toBeCloseTo(0.5, 12);
  });

  it('refuses a warm-up as long as the schedule', () => {
    expect(() => cosineLr(1, { epochs: 2, stepsPerEpoch: 5, warmup: 2 })).toThrow('warmup of 2 epochs');
  });
});

describe('cosineRestartsLr', () => {
  it('jumps up to the shrunk peak at the end of every, longer, period', () => {
    const lr = cosineRestartsLr(1, { epochs: 1, stepsPerEpoch: 4, shrink: 0.5 });
    expect([lr(0), lr(4), lr(12)]).toEqual([1, 0.5, 0.25]);
    expect(lr(8)).toBeCloseTo(0.25, 12);
  });
});

describe('cosineRestartsLr', () => {
  it.each([-1, Number.NaN])('refuses to shrink to %d of the rate', (shrink) => {
    expect(() => cosineRestartsLr(1, { epochs: 1, stepsPerEpoch: 4, shrink })).toThrow('cosineRestartsLr: shrink: ');
  });
});

describe('piecewiseLr', () => {
  it('holds each rate until the next piece', () => {
    const lr = piecewiseLr([
      { from: 5, lr: 0.1 },
      { from: 0, lr: 1 },
    ]);
    expect([lr(0), lr(4), lr(5), lr(99)]).toEqual([1, 1, 0.1, 0.1]);
  });
});

describe('piecewiseLr', () => {
  it('refuses pieces from nowhere', () => {
    expect(() => piecewiseLr([{ from: Number.NaN, lr: 1 }])).toThrow('piecewiseLr: from: NaN');
  });
});

describe('piecewiseBeta', () => {
  const beta = piecewiseBeta([
    [0, 0, 'linear'],
    [10, 1e-5, 'log'],
    [20, 1e-3, 'constant'],
  ]);
  // Golden rows `piecewise` (hgq2 §7.9).
  it.each([
    [0, 0],
    [1, 1e-6],
    [5, 5e-6],
    [10, 1e-5],
    [15, 1e-4],
    [20, 1e-3],
    [25, 1e-3],
  ])('gives the reference value at epoch %d', (epoch, expected) => {
    expect(Math.abs(beta(epoch) - expected)).toBeLessThanOrEqual(1e-8 * expected);
  });

  it('holds the first β before the first corner', () => {
    for (const interpolation of ['linear', 'log', 'constant'] as const) {
      const late = piecewiseBeta([
        [10, 1e-6, interpolation],
        [20, 1e-3, 'constant'],
      ]);
      for (const epoch of [-1, 0, 9, 9.9]) expect(late(epoch)).toBe(1e-6);
      expect(late(19)).toBeGreaterThanOrEqual(1e-6);
    }
  });

  it.each<[BetaPoint, string]>([
    [[3, 1, 'lin' as 'linear'], "interpolation 'lin' at epoch 3 is none of 'linear', 'log', 'constant'"],
    [[Number.NaN, 1, 'linear'], 'epoch NaN of β 1'],
    [[3, -1, 'linear'], 'β at epoch 3: -1 is not a number ≥ 0'],
    [[3, Number.POSITIVE_INFINITY, 'linear'], 'β at epoch 3: Infinity'],
  ])('refuses %j', (point, message) => {
    expect(() => piecewiseBeta([[0, 0, 'linear'], point])).toThrow(message);
  });

  it('refuses a log piece that touches 0', () => {
    expect(() =>
      piecewiseBeta([
        [0, 0, 'log'],
        [1, 1, 'constant'],
      ]),
    ).toThrow('touches 0');
  });
});

describe('betaPid', () => {
  it('gives the reference sequence in log mode (golden rows `beta_pid_log`, hgq2 §7.9)', () => {
    const pid = betaPid({ targetEbops: 1000, warmup: 0 });
    const expected = [
      9.999999998998e-6, 8.03334034510684e-6, 4.027822199823288e-6, 1.5116586777271538e-6, 9.068041038063504e-7,
      5.030821540786779e-7,
    ];
    let state = pid.start;
    let beta = 1e-5;
    for (const [epoch, ebops] of [10000, 8000, 4000, 1500, 900, 500].entries()) {
      ({ state, beta } = pid.next(state, epoch, beta, ebops));
      expect(Math.abs(beta / expected[epoch] - 1)).toBeLessThan(1e-9);
    }
  });

  it('continues the present β at the end of the warm-up in linear mode', () => {
    const pid = betaPid({ targetEbops: 100, log: false, warmup: 2 });
    expect(pid.next(pid.start, 1, 0.5, 300)).toEqual({ state: pid.start, beta: 0.5 });
    expect(pid.next(pid.start, 2, 0.5, 300).beta).toBeCloseTo(0.5, 12);
  });

  it('stays within its limits and damps β below the target', () => {
    const free = betaPid({ targetEbops: 100, warmup: 0 });
    const damped = betaPid({ targetEbops: 100, warmup: 0, dampBetaOnTarget: 0.5 });
    const limited = betaPid({ targetEbops: 100, warmup: 0, minBeta: 1e-3 });
    const after = (pid: typeof free): number => pid.next(pid.start, 0, 1e-5, 50).beta;
    expect(after(damped)).toBeCloseTo(after(free) / 2, 15);
    expect(after(limited)).toBe(1e-3);
  });

  it('refuses a target of 0', () => {
    expect(() => betaPid({ targetEbops: 0 })).toThrow('targetEbops 0');
  });
});
