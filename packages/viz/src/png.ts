/**
 * Figures as PNG and as files, in Node only. The font comes with the package, so pictures look the same on every machine.
 */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';
import { renderSvg } from './render/render-svg.ts';
import { FigureError } from './spec/checks.ts';
import type { VegaLiteSpec } from './spec/json.ts';

/** Options of `renderPng`. */
export interface PngOptions {
  /** Pixels of the picture per unit of the SVG. @defaultValue 2 */
  readonly scale?: number | undefined;
  /** Paths of the fonts to draw text with. @defaultValue DejaVu Sans, regular and bold, from `dejavu-fonts-ttf` */
  readonly fontFiles?: readonly string[] | undefined;
}

/**
 * Rasterises an SVG to PNG bytes.
 *
 * @throws TypeError when given something else than text, such as a figure that was not rendered.
 * @throws FigureError when no font can draw text (the rasteriser would leave all text out without a word), or when the SVG
 * cannot be read.
 *
 * @example
 * ```ts
 * writeFileSync('history.png', renderPng(await renderSvg(history(epochs)), { scale: 2 }));
 * ```
 */
export function renderPng(svg: string, options: PngOptions = {}): Uint8Array {
  if (typeof svg !== 'string') {
    throw new FigureError(
      `renderPng: the SVG is ${svg === null ? 'null' : typeof svg}; pass its text: await renderSvg(spec)`,
    );
  }
  const scale = options.scale ?? 2;
  if (!(scale > 0 && scale <= 16))
    throw new FigureError(`renderPng: scale is ${scale}; give a number above 0, up to 16`);
  const fontFiles = options.fontFiles ?? defaultFonts();
  requireWorkingFont(fontFiles);
  return rasterise(svg, fontFiles, scale).asPng();
}

/**
 * Draws a figure into a file, in one call: SVG, PNG or the specification itself, as the name ends.
 *
 * @param file ends with `.svg`, `.png` or `.json`
 * @throws FigureError for another ending, or when the figure cannot be drawn.
 *
 * @example
 * ```ts
 * await writeFigure(history([{ loss: 2.1 }, { loss: 1.4 }]), 'history.png');
 * ```
 */
export async function writeFigure(spec: VegaLiteSpec, file: string, options: PngOptions = {}): Promise<void> {
  const ending = /\.(svg|png|json)$/i.exec(file)?.[1]?.toLowerCase();
  if (ending === undefined) {
    throw new FigureError(`writeFigure: file '${file}' has none of the endings .svg, .png, .json; give it one`);
  }
  if (ending === 'json') return writeFile(file, `${JSON.stringify(spec, null, 1)}\n`);
  const svg = await renderSvg(spec);
  await writeFile(file, ending === 'svg' ? svg : renderPng(svg, options));
}

function rasterise(svg: string, fontFiles: readonly string[], scale: number): ReturnType<Resvg['render']> {
  const font = { fontFiles: [...fontFiles], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' };
  try {
    return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: scale } }).render();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FigureError(
      `renderPng: the SVG cannot be drawn (${reason}); pass the text of one: await renderSvg(spec)`,
      {
        cause,
      },
    );
  }
}

function defaultFonts(): readonly string[] {
  const require = createRequire(import.meta.url);
  try {
    return [
      require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
      require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
    ];
  } catch (cause) {
    throw new FigureError(
      "renderPng: the package 'dejavu-fonts-ttf' is not installed, text would be missing; install it or pass fontFiles",
      { cause },
    );
  }
}

const working = new Set<string>();

/** Draws one letter to see that there is ink: a missing or damaged font file gives an empty picture, not an error. */
function requireWorkingFont(fontFiles: readonly string[]): void {
  const key = fontFiles.join('\n');
  if (working.has(key)) return;
  const missing = fontFiles.find((file) => !existsSync(file));
  if (missing !== undefined) throw new FigureError(`renderPng: no font file at ${missing}; correct fontFiles`);
  const probe =
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><text x="2" y="16" font-size="16">M</text></svg>';
  if (!rasterise(probe, fontFiles, 1).pixels.some((byte) => byte !== 0)) {
    throw new FigureError(
      `renderPng: no text can be drawn with fontFiles [${fontFiles.join(', ')}]; pass readable TrueType or OpenType files`,
    );
  }
  working.add(key);
}
