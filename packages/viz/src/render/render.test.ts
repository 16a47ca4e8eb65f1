import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import * as vega from 'vega';
import { describe, expect, it } from 'vitest';
import { activePixelsVsThresholdPlot, confusionMatrix, type VegaLiteSpec } from '../index.ts';
import { renderPlaced, renderSvg } from './render-svg.ts';
import { textWidth } from './text-width.ts';

const require = createRequire(import.meta.url);
const fontFiles = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) =>
  require.resolve(`dejavu-fonts-ttf/ttf/${file}`),
);

function drawnWidth(text: string, weight: string): number {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="40"><text font-size="20" font-weight="${weight}" y="30">|${text.replaceAll('<', '&lt;')}|</text></svg>`;
  const font = { fontFiles, loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' };
  return new Resvg(svg, { font }).getBBox()?.width ?? 0;
}

describe('textWidth', () => {
  it.each([
    ['validation accuracy 94.2 %', 'normal'],
    ['sparseConv2d 3×3×4×4 · ufixed<8,1>', 'normal'],
    ['Training history', 'bold'],
    ['broken \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}', 'normal'],
  ] as const)('is what a renderer draws: %s', (text, weight) => {
    // The bars around the text stand in for the white space at its ends; their own margins remain.
    const expected = textWidth(`|${text}|`, 20, weight);
    expect(Math.abs(drawnWidth(text, weight) - expected)).toBeLessThan(0.03 * expected + 8);
  });
});

describe('renderSvg', () => {
  const spec = confusionMatrix({ actual: [0, 1], predicted: [0, 1] });

  it('gives the same picture alone, after others, and at the same time as others', async () => {
    const alone = await renderSvg(spec);
    const together = await Promise.all([renderSvg(spec), renderSvg(spec), renderSvg(spec)]);
    expect(together).toEqual([alone, alone, alone]);
  });

  it('puts a prefix on ids and on references to them', async () => {
    const svg = await renderSvg(spec, { idPrefix: 'x-' });
    const ids = [...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    const references = [...svg.matchAll(/url\(#([^)]+)\)/g)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(0);
    for (const id of [...ids, ...references]) expect(id).toMatch(/^x-/);
    expect(ids).toEqual(expect.arrayContaining(references));
  });

  it('leaves text alone that looks like an id or a reference to one', async () => {
    const name = 'id="foo" url(#bar) <a id="b">';
    const named = confusionMatrix({ actual: [0, 1], predicted: [0, 1], classes: [name, 'b'] }, { subtitle: name });
    const labelled = { ...named, config: { aria: true }, description: name };
    const plain = await renderSvg(labelled);
    const prefixed = await renderSvg(labelled, { idPrefix: 'x-' });
    const occurrences = (svg: string) => svg.match(/id=("|&quot;)foo("|&quot;) url\(#bar\)/g)?.length;
    expect(occurrences(plain)).toBeGreaterThan(3);
    expect(occurrences(prefixed)).toBe(occurrences(plain));
    expect(prefixed).toContain('fill="url(#x-');
  });

  it('leaves the text measure of Vega as it was, also after a failure', async () => {
    const metrics = (vega as unknown as { textMetrics: { width: unknown } }).textMetrics;
    const before = metrics.width;
    await renderSvg(spec);
    const broken = { ...spec, transform: [{ calculate: 'no such(', as: 'x' }] };
    await expect(renderSvg(broken)).rejects.toThrow();
    expect(metrics.width).toBe(before);
    await expect(renderSvg(spec)).resolves.toContain('</svg>');
  });

  it('passes warnings on', async () => {
    const warnings: string[] = [];
    const odd: VegaLiteSpec = {
      $schema: spec.$schema,
      description: 'a logarithmic scale cannot have a zero',
      data: { values: [{ x: 1 }, { x: 10 }] },
      mark: 'point',
      encoding: { x: { field: 'x', type: 'quantitative', scale: { type: 'log', zero: true } } },
    };
    await renderSvg(odd, { onWarning: (message) => warnings.push(message) });
    expect(warnings.join()).toContain('log scale');
  });
});

describe('renderPlaced', () => {
  const rows = [0, 0.5, 1].map((threshold) => ({
    threshold,
    ...{ mean: 20, min: 0, max: 40, p25: 10, p50: 20, p75: 30 },
  }));

  it('says where values lie: where the rules of these values are drawn', async () => {
    const spec = activePixelsVsThresholdPlot(rows, { threshold: 0.25, n: 30 });
    const { svg, width, height, x, y } = await renderPlaced(spec);
    expect(svg).toBe(await renderSvg(spec));
    expect(svg).toContain(`viewBox="0 0 ${width} ${height}"`);
    const [, left, top] =
      /<g fill="none" stroke-miterlimit="4" transform="translate\(([\d.]+),([\d.]+)\)">/.exec(svg) ?? [];
    const placeOf = (axis: NonNullable<typeof x>, value: number): number =>
      axis.start + ((value - axis.from) / (axis.to - axis.from)) * (axis.end - axis.start);
    const rules = [
      ...svg.matchAll(
        /<line transform="translate\(([\d.]+),([\d.]+)\)" x2="([\d.-]+)" y2="([\d.-]+)" stroke="[^"]+" stroke-width="1.8"/g,
      ),
    ];
    expect(rules.length).toBe(2);
    const upright = rules.find(([, , , right]) => Number(right) === 0) ?? [];
    const flat = rules.find(([, , , , down]) => Number(down) === 0) ?? [];
    expect(Number(upright[1]) + Number(left)).toBeCloseTo(placeOf(x!, 0.25), 6);
    expect(Number(flat[2]) + Number(top)).toBeCloseTo(placeOf(y!, 30), 6);
  });

  it('gives no place where there are names instead of numbers', async () => {
    const { x, y } = await renderPlaced(confusionMatrix({ actual: [0, 1], predicted: [0, 1] }));
    expect([x, y]).toEqual([null, null]);
  });
});
