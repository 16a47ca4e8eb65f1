import { describe, expect, it } from 'vitest';
import { type ThemeName, themes } from './theme.ts';

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

const times = (matrix: Matrix, [x, y, z]: Triple): Triple =>
  matrix.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Triple;

/**
 * Complete loss of one kind of cone as a matrix on linear RGB: Machado, Oliveira, Fernandes, "A physiologically-based
 * model for simulation of color vision deficiency", IEEE TVCG 15 (2009), severity 1.
 */
const sights: Readonly<Record<string, Matrix>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
};

function linear(hex: string): Triple {
  return [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as unknown as Triple;
}

/** CIE L*a*b* of linear sRGB, white D65. */
function lab(rgb: Triple): Triple {
  const clipped = rgb.map((value) => Math.min(1, Math.max(0, value))) as unknown as Triple;
  const [x, y, z] = times(
    [
      [0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047],
      [0.2126729, 0.7151522, 0.072175],
      [0.0193339 / 1.08883, 0.119192 / 1.08883, 0.9503041 / 1.08883],
    ],
    clipped,
  ).map((value) => (value > 216 / 24389 ? Math.cbrt(value) : (24389 / 27) * (value / 116) + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const seen = (hex: string, sight: string): Triple => lab(times(sights[sight], linear(hex)));

/** Distance of two colours in L*a*b* (CIE 1976); about 2 is just noticeable side by side. */
function distance(a: string, b: string, sight: string): number {
  const [p, q] = [seen(a, sight), seen(b, sight)];
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

function leastDistance(colors: readonly string[], sight: string): number {
  return Math.min(...colors.flatMap((a, index) => colors.slice(index + 1).map((b) => distance(a, b, sight))));
}

/** Contrast ratio of WCAG 2. */
function contrast(a: string, b: string): number {
  const [low, high] = [a, b]
    .map((hex) => {
      const [red, green, blue] = linear(hex);
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    })
    .sort((one, other) => one - other);
  return (high + 0.05) / (low + 0.05);
}

describe.each(Object.keys(themes) as ThemeName[])('the %s theme', (name) => {
  const theme = themes[name];

  it.each(Object.keys(sights))('keeps series apart: %s', (sight) => {
    expect(leastDistance(theme.categories, sight)).toBeGreaterThan(15);
  });

  it.each(Object.keys(sights))('has ramps whose lightness never turns: %s', (sight) => {
    for (const ramp of [theme.sequential, theme.ordered]) {
      const steps = ramp.slice(1).map((hex, index) => seen(hex, sight)[0] - seen(ramp[index], sight)[0]);
      const direction = Math.sign(steps[0]);
      for (const step of steps) expect(direction * step).toBeGreaterThan(4);
    }
  });

  it.each(Object.keys(sights))('tells less than zero from more than zero: %s', (sight) => {
    expect(leastDistance(theme.diverging, sight)).toBeGreaterThan(30);
  });

  it('has letters and lines that stand out', () => {
    expect(contrast(theme.text, theme.background)).toBeGreaterThan(7);
    expect(contrast(theme.muted, theme.background)).toBeGreaterThan(4.5);
    expect(contrast(theme.muted, theme.panel)).toBeGreaterThan(4.5);
    for (const color of theme.categories) expect(contrast(color, theme.background)).toBeGreaterThan(2.2);
  });
});

it('the distance sees what deuteranopes do not', () => {
  expect(distance('#c23b22', '#4f7a28', 'normal')).toBeGreaterThan(60);
  expect(distance('#b0b8c1', '#e28fbd', 'deuteranopia')).toBeLessThan(5);
});
