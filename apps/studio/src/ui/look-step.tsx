import type { ReducedExample } from '@sp/train';
import { useEffect, useState } from 'preact/hooks';
import { number } from './amounts.ts';
import { ChoiceField, NumberField } from './field.tsx';
import { Figure } from './figure.tsx';
import { Fact } from './network-step.tsx';
import { PixelImage } from './pixel-image.tsx';
import { ask, attempt, summary } from './session.ts';
import { RunChoice, useLook } from './use-look.tsx';

const figures = {
  confusion: 'Confusion matrix',
  roc: 'ROC curves',
  examples: 'Reduced examples',
  bits: 'Bit widths',
  heatmaps: 'Bits of every weight',
  ebops: 'EBOPs by layer',
  network: 'Fixed-point network',
} as const;

/** See what a trained network does. */
export function LookStep() {
  const { look, problem } = useLook();
  const [kind, setKind] = useState<keyof typeof figures>('confusion');
  return (
    <>
      <RunChoice />
      {problem !== '' && <p class="problem">{problem}</p>}
      {look !== null && (
        <>
          <section aria-labelledby="numbers">
            <h2 id="numbers">In numbers</h2>
            <dl class="facts">
              <Fact name="test accuracy" value={`${(100 * look.accuracy).toFixed(2)} %`} />
              <Fact name="n" value={look.n} />
              <Fact name="threshold" value={look.threshold.toFixed(4)} />
              <Fact name="EBOPs" value={number(look.ebops)} />
              <Fact name="bits of all weights" value={number(look.weightBits)} />
              <Fact name="wrong" value={`${look.wrong.length} of ${look.testLabels.length}`} />
            </dl>
            <div class="fields">
              <ChoiceField
                label="Picture"
                value={kind}
                onChange={(value) => setKind(value as keyof typeof figures)}
                choices={Object.entries(figures)}
              />
            </div>
            <Figure key={kind} name={kind} request={{ kind }} />
          </section>
          <Wrong look={look} />
          <Layers count={look.testLabels.length} />
        </>
      )}
    </>
  );
}

const shownAtOnce = 24;

/** Test images that were taken for another class. */
function Wrong({ look: { wrong, n, threshold } }: { readonly look: NonNullable<ReturnType<typeof useLook>['look']> }) {
  const [images, setImages] = useState<readonly ReducedExample[]>([]);
  const [count, setCount] = useState(shownAtOnce);
  useEffect(() => {
    const indices = wrong.slice(0, count).map(({ index }) => index);
    void attempt(async () => setImages(await ask('testImages', { indices, n, threshold })));
  }, [wrong, count, n, threshold]);
  const names = summary.value?.classNames ?? [];
  return (
    <section aria-labelledby="wrong">
      <h2 id="wrong">Wrongly classified</h2>
      {wrong.length === 0 ? (
        <p>None of the test images.</p>
      ) : (
        <div class="grid">
          {images.map((image, j) => (
            <PixelImage
              key={image.index}
              image={image}
              title={`#${image.index}: ${names[wrong[j]?.actual]} taken for ${names[wrong[j]?.predicted]}`}
            />
          ))}
        </div>
      )}
      {count < wrong.length && (
        <button type="button" onClick={() => setCount(count + shownAtOnce)}>
          Show more
        </button>
      )}
    </section>
  );
}

/** One test image through the layers. */
function Layers({ count }: { readonly count: number }) {
  const [index, setIndex] = useState<number | null>(0);
  const isImage = index !== null && Number.isInteger(index) && index >= 0 && index < count;
  return (
    <section aria-labelledby="through">
      <h2 id="through">One image through the layers</h2>
      <div class="fields">
        <NumberField
          label="Test image"
          value={index}
          onChange={setIndex}
          problem={isImage ? undefined : `a whole number from 0 to ${count - 1}`}
        />
      </div>
      {isImage && <Figure name={`image-${index}`} request={{ kind: 'outputs', index }} />}
    </section>
  );
}
