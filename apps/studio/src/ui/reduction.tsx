import { reductionOf, withReduction } from '../project/network.ts';
import { SliderField } from './field.tsx';
import { Figure } from './figure.tsx';
import { Handle } from './handle.tsx';
import { ImageGrid } from './image-grid.tsx';
import { ask, attempt, change, project, summary } from './session.ts';

/** Choose budget and threshold, and see at once what they keep. */
export function Reduction() {
  const { network } = project.value;
  const found = summary.value;
  const reduction = reductionOf(network);
  if (found === null || reduction === undefined) return null;
  const { n, threshold } = reduction;
  const [height, width] = found.shape;
  const step = found.brightest > 0 ? Number((found.brightest / 200).toPrecision(3)) : 1;
  const set = (parts: { readonly n?: number; readonly threshold?: number }): void =>
    change({ network: withReduction(network, parts) });
  /** What slider and line have in common. */
  const ofN = { value: n, onChange: (value: number): void => set({ n: value }), least: 1, step: 1 };
  const ofThreshold = {
    value: threshold,
    onChange: (value: number): void => set({ threshold: Number(value.toPrecision(6)) }),
    least: 0,
    most: found.brightest,
    step,
  };
  return (
    <section aria-labelledby="reduction">
      <h2 id="reduction">What the network will see</h2>
      <p>
        The first n pixels above the threshold, row by row. Drag the two lines of the figure, or use the sliders;
        training may learn both from here.
      </p>
      <div class="fields">
        <SliderField label="n" {...ofN} most={Math.min(height * width, Math.max(100, 2 * n))} />
        <SliderField label="threshold" {...ofThreshold} />
        <button
          type="button"
          onClick={() =>
            attempt(async () => {
              const suggested = await ask('suggestion', undefined);
              if (suggested !== null) set(suggested);
            })
          }
        >
          Suggest
        </button>
      </div>
      <Figure
        name="active-pixels"
        request={{ kind: 'active-pixels', n, threshold }}
        over={(picture) => (
          <>
            <Handle label="Line of the threshold" along="x" picture={picture} {...ofThreshold} />
            <Handle label="Line of n" along="y" picture={picture} {...ofN} most={height * width} />
          </>
        )}
      />
      <ImageGrid data={found} n={n} threshold={threshold} />
    </section>
  );
}
