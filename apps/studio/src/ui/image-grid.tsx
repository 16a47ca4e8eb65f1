import type { ReducedExample } from '@sp/train';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { DataSummary, PartName } from '../work/data-summary.ts';
import { number } from './amounts.ts';
import { ChoiceField } from './field.tsx';
import { latestOnly } from './latest.ts';
import { PixelImage } from './pixel-image.tsx';
import { ask, attempt } from './session.ts';

const perPage = 24;

/** Images of a part and class, page by page, as the reduction leaves them. */
export function ImageGrid({
  data,
  n,
  threshold,
}: {
  readonly data: DataSummary;
  readonly n: number;
  readonly threshold: number;
}) {
  const [part, setPart] = useState<PartName>('train');
  const [label, setLabel] = useState<number | null>(null);
  const [page, setPage] = useState(0);
  const [shown, setShown] = useState<{ readonly total: number; readonly images: readonly ReducedExample[] } | null>(
    null,
  );
  const load = useMemo(
    () =>
      latestOnly(async (wanted: Parameters<typeof ask<'images'>>[1]) => {
        const found = await attempt(() => ask('images', wanted));
        if (found !== undefined) setShown(found);
      }),
    [],
  );
  const has = data.counts[part].length > 0 ? part : 'train';
  useEffect(
    () => load({ part: has, label, from: page * perPage, count: perPage, n, threshold }),
    [data, has, label, page, n, threshold],
  );
  const pages = Math.max(1, Math.ceil((shown?.total ?? 0) / perPage));
  return (
    <div>
      <div class="fields">
        <ChoiceField
          label="Part"
          value={has}
          onChange={(value) => {
            setPart(value as PartName);
            setPage(0);
          }}
          choices={(['train', 'validation', 'test'] as const)
            .filter((name) => data.counts[name].length > 0)
            .map((name) => [name, name === 'train' ? 'training' : name])}
        />
        <ChoiceField
          label="Class"
          value={label === null ? '' : String(label)}
          onChange={(value) => {
            setLabel(value === '' ? null : Number(value));
            setPage(0);
          }}
          choices={[['', 'all'], ...data.classNames.map((name, index) => [String(index), name] as const)]}
        />
        <div class="field pager">
          <button type="button" disabled={page === 0} onClick={() => setPage(page - 1)}>
            ← earlier
          </button>
          <span>
            {page + 1} of {number(pages)}
          </span>
          <button type="button" disabled={page + 1 >= pages} onClick={() => setPage(page + 1)}>
            later →
          </button>
        </div>
      </div>
      <div class="grid">
        {shown?.images.map((image) => (
          <PixelImage
            key={`${has}-${image.index}`}
            image={image}
            title={data.classNames[image.label] ?? String(image.label)}
          />
        ))}
      </div>
      <p class="muted legend">
        Below each image: its class, pixels kept, and <span class="dropped">+ those dropped</span> for want of a slot
        (crossed). Pixels up to the threshold are small.
      </p>
    </div>
  );
}
