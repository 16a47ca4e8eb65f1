import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderSvg } from '../src/index.ts';
import { renderPng } from '../src/png.ts';
import { figures } from './samples.ts';

const out = process.env['SP_GALLERY'];

describe.each(Object.entries(figures))('%s', (name, make) => {
  it.each(['light', 'dark'] as const)('renders in the %s theme', async (theme) => {
    const warnings: string[] = [];
    const svg = await renderSvg(make({ theme }), { onWarning: (message) => warnings.push(message) });
    const png = renderPng(svg, { scale: 1 });
    if (out) {
      mkdirSync(out, { recursive: true });
      writeFileSync(join(out, `${name}-${theme}.svg`), svg);
      writeFileSync(join(out, `${name}-${theme}.png`), png);
    }
    expect(warnings).toEqual([]);
  });
});
