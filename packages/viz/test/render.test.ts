import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { describe, expect, it } from 'vitest';
import { renderSvg, type VegaLiteSpec } from '../src/index.ts';
import { renderPng } from '../src/png.ts';
import { extremes } from './extremes.ts';
import { figures } from './samples.ts';

/** Set this to a directory to look at the pictures. */
const gallery = process.env['SP_GALLERY'];

async function draw(name: string, spec: VegaLiteSpec): Promise<{ svg: string; png: Uint8Array; warnings: string[] }> {
  const warnings: string[] = [];
  const svg = await renderSvg(spec, { onWarning: (message) => warnings.push(message) });
  const png = renderPng(svg, { scale: 1 });
  if (gallery) {
    mkdirSync(gallery, { recursive: true });
    writeFileSync(join(gallery, `${name}.svg`), svg);
    writeFileSync(join(gallery, `${name}.png`), png);
  }
  return { svg, png, warnings };
}

/** The picture's colours, four bytes per pixel. */
function pixelsOf(png: Uint8Array): Uint8Array {
  const view = new DataView(png.buffer, png.byteOffset);
  const size = `width="${view.getUint32(16)}" height="${view.getUint32(20)}"`;
  const data = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  return new Resvg(`<svg xmlns="http://www.w3.org/2000/svg" ${size}><image href="${data}" ${size}/></svg>`).render()
    .pixels;
}

function countDifferent(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < a.length; at += 4) {
    if (a[at] !== b[at] || a[at + 1] !== b[at + 1] || a[at + 2] !== b[at + 2]) count++;
  }
  return count;
}

/** How far marks and letters reach out of the picture, in px. */
function overhang(svg: string): number {
  const [, width, height] = /<svg[^>]* width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  // The first rectangle is the background.
  const box = new Resvg(svg.replace(/<rect [^>]*\/>/, ''), {
    font: { fontFiles: fontFiles(), loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' },
  }).getBBox();
  if (box === undefined) return 0;
  return Math.max(-box.x, -box.y, box.x + box.width - Number(width), box.y + box.height - Number(height));
}

function fontFiles(): string[] {
  return ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) =>
    join(import.meta.dirname, '../node_modules/dejavu-fonts-ttf/ttf', file),
  );
}

function expectGoodPicture({ svg, png, warnings }: Awaited<ReturnType<typeof draw>>, spec: VegaLiteSpec): void {
  expect(warnings).toEqual([]);
  const { text } = spec['title'] as { text: string };
  expect(svg).toContain(`>${text}</text>`);
  expect(svg).not.toMatch(/NaN|undefined|null|Infinity/);
  const pixels = pixelsOf(png);
  const withoutText = pixelsOf(renderPng(svg.replace(/<text [^>]*>[^<]*<\/text>/g, ''), { scale: 1 }));
  const background = withoutText.map((_, index) => pixels[index % 4]);
  // Both letters and marks leave ink.
  expect(countDifferent(pixels, withoutText)).toBeGreaterThan(500);
  expect(countDifferent(withoutText, background)).toBeGreaterThan(500);
  expect(overhang(svg)).toBeLessThanOrEqual(0);
}

describe.each(Object.entries(figures))('%s', (name, make) => {
  it('is a good picture, the same every time', async () => {
    const spec = make();
    const drawing = await draw(`${name}-light`, spec);
    expectGoodPicture(drawing, spec);
    expect(await renderSvg(make())).toBe(drawing.svg);
  });

  it('is dark in the dark theme', async () => {
    const { svg, png, warnings } = await draw(`${name}-dark`, make({ theme: 'dark' }));
    expect(warnings).toEqual([]);
    expect([...pixelsOf(png).subarray(0, 3)]).toEqual([0x14, 0x18, 0x1d]);
    // No letter keeps the colour that only shows on white.
    expect(svg).not.toContain('fill="#1b1f24"');
  });
});

describe.each(Object.entries(extremes))('%s', (name, make) => {
  it('is a good picture', async () => {
    const spec = make();
    expectGoodPicture(await draw(name.replaceAll(' ', '-'), spec), spec);
  });
});
