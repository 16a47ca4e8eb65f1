import { afterAll, expect, it, vi } from 'vitest';
import { renderSvg } from '../src/index.ts';
import { extremes } from './extremes.ts';
import { figures } from './samples.ts';

afterAll(() => {
  vi.doUnmock('vega-interpreter');
  vi.resetModules();
});

it('interpreted expressions draw what compiled ones draw, byte for byte', async () => {
  // Without an interpreter, Vega compiles them.
  vi.resetModules();
  vi.doMock('vega-interpreter', () => ({ expressionInterpreter: undefined }));
  const { renderSvg: compiled } = await import('../src/render/render-svg.ts');
  const called = vi.spyOn(globalThis, 'Function');
  for (const [name, make] of Object.entries({ ...figures, ...extremes })) {
    called.mockClear();
    const svg = await compiled(make());
    const functions = called.mock.calls.length;
    expect(functions, name).toBeGreaterThan(0);
    expect(await renderSvg(make()), name).toBe(svg);
    expect(called, name).toHaveBeenCalledTimes(functions);
  }
  called.mockRestore();
});
