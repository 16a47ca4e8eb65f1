import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ebopsByLayer, FigureError, reducedExamplesPlot, renderSvg } from './index.ts';
import { renderPng, writeFigure } from './png.ts';

const directory = mkdtempSync(join(tmpdir(), 'sp-viz-'));
afterAll(() => rmSync(directory, { recursive: true }));

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><text x="2" y="16">sp</text></svg>';

function sizeOf(png: Uint8Array): readonly [number, number] {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
}

it('writeFigure writes what the ending says, and refuses others', async () => {
  const spec = ebopsByLayer([{ layer: 'a', ebops: 3 }]);
  const write = async (name: string): Promise<Buffer> => {
    await writeFigure(spec, join(directory, name));
    return readFileSync(join(directory, name));
  };
  expect(JSON.parse((await write('a.json')).toString())).toEqual(spec);
  expect((await write('a.svg')).toString()).toMatch(/^<svg /);
  expect([...(await write('a.PNG')).subarray(1, 4)]).toEqual([...'PNG'].map((letter) => letter.charCodeAt(0)));
  await expect(writeFigure(spec, 'a.jpg')).rejects.toThrow("file 'a.jpg' has none of the endings .svg, .png, .json");
});

describe('renderPng', () => {
  it('gives a PNG of the wanted scale, twice the size by default', () => {
    const png = renderPng(svg);
    expect([...png.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    expect(sizeOf(png)).toEqual([60, 40]);
    expect(sizeOf(renderPng(svg, { scale: 3 }))).toEqual([90, 60]);
  });

  it('draws labels with characters that XML does not allow', async () => {
    const label = 'a\u0000\u0001\u001Fb\uD800c\uFFFFd 😀';
    const examples = { images: [1], shape: [1, 1], n: 1, threshold: 0, labels: [label] };
    const drawn = await renderSvg(reducedExamplesPlot(examples, { title: label, subtitle: label }));
    expect(drawn.match(/>a���b�c�d 😀/gu)).toHaveLength(3);
    expect(renderPng(drawn).length).toBeGreaterThan(1000);
  });

  it('fails when text could not be drawn', () => {
    const damaged = join(directory, 'damaged.ttf');
    writeFileSync(damaged, 'not a font');
    expect(() => renderPng(svg, { fontFiles: [] })).toThrow(/no text can be drawn/);
    expect(() => renderPng(svg, { fontFiles: [damaged] })).toThrow(
      /no text can be drawn with fontFiles \[.*damaged\.ttf\]/,
    );
    expect(() => renderPng(svg, { fontFiles: [join(directory, 'absent.ttf')] })).toThrow(
      /no font file at .*absent\.ttf/,
    );
  });

  it('refuses a figure that was not rendered, and says what to do', () => {
    expect(() => renderPng({ mark: 'bar' } as unknown as string)).toThrow(
      'renderPng: the SVG is object; pass its text: await renderSvg(spec)',
    );
  });

  it('refuses a senseless scale', () => {
    expect(() => renderPng(svg, { scale: 0 })).toThrow('renderPng: scale is 0; give a number above 0, up to 16');
    expect(() => renderPng(svg, { scale: Number.NaN })).toThrow(FigureError);
  });
});
