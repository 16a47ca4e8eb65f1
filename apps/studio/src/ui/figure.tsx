import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Drawn, FigureRequest } from '../work/figures.ts';
import { latestOnly } from './latest.ts';
import { svgToPng } from './png.ts';
import { saveFile } from './save-file.ts';
import { Scroll } from './scroll.tsx';
import { ask, attempt } from './session.ts';
import { theme } from './theme.ts';

/** A figure of `@sp/viz`, drawn in the worker and shown as a picture, to take away as SVG or PNG. */
export function Figure({
  request,
  name,
  over,
}: {
  readonly request: FigureRequest;
  readonly name: string;
  /** What lies on top of the picture. */
  readonly over?: (drawn: Drawn) => ComponentChildren;
}) {
  const [drawn, setDrawn] = useState<(Drawn & { readonly url: string }) | null>(null);
  const [problem, setProblem] = useState('');
  const draw = useMemo(
    () =>
      latestOnly(async (wanted: Parameters<typeof ask<'figure'>>[1]) => {
        try {
          const figure = await ask('figure', wanted);
          const url = URL.createObjectURL(new Blob([figure.svg], { type: 'image/svg+xml' }));
          setDrawn({ ...figure, url });
          setProblem('');
        } catch (error) {
          setProblem(error instanceof Error ? error.message : String(error));
        }
      }),
    [],
  );
  const key = JSON.stringify(request);
  const colours = theme.value;
  useEffect(() => draw({ request, theme: colours }), [key, colours, draw]);
  useEffect(() => () => void (drawn === null || URL.revokeObjectURL(drawn.url)), [drawn]);
  if (problem !== '') return <p class="problem">This figure cannot be drawn: {problem}</p>;
  if (drawn === null) return <p class="muted">drawing …</p>;
  return (
    <figure class="figure">
      <Scroll label={name}>
        <div class="picture" style={{ '--natural': `${drawn.width}px` }}>
          <img src={drawn.url} alt={drawn.description} width={drawn.width} height={drawn.height} />
          {over?.(drawn)}
        </div>
      </Scroll>
      <p class="actions">
        <button
          type="button"
          class="small"
          onClick={() => saveFile({ name: `${name}.svg`, type: 'image/svg+xml', content: drawn.svg })}
        >
          SVG<span class="hidden"> of {name}</span>
        </button>
        <button
          type="button"
          class="small"
          onClick={() =>
            attempt(async () =>
              saveFile({ name: `${name}.png`, type: 'image/png', content: await svgToPng(drawn.svg) }),
            )
          }
        >
          PNG<span class="hidden"> of {name}</span>
        </button>
      </p>
    </figure>
  );
}
