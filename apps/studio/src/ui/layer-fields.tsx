import type { LayerSpec } from '../project/network.ts';
import type { Problem } from '../project/shapes.ts';
import { CheckField, ChoiceField, NumberField, TextField } from './field.tsx';

/** The fields of one layer, with what is wrong at each. */
export function LayerFields({
  layer,
  problems,
  onChange,
}: {
  readonly layer: LayerSpec;
  readonly problems: readonly Problem[];
  readonly onChange: (layer: LayerSpec) => void;
}) {
  const problemOf = (field: string): string | undefined => problems.find((problem) => problem.field === field)?.message;
  const set = (parts: Partial<Record<string, unknown>>): void => onChange({ ...layer, ...parts } as LayerSpec);
  /** A field of the layer that holds a number. */
  const number = (field: string, label: string, hint?: string) => (
    <NumberField
      label={label}
      value={(layer as unknown as Record<string, number>)[field]}
      problem={problemOf(field)}
      onChange={(value) => set({ [field]: value })}
      {...(hint === undefined ? {} : { hint })}
    />
  );
  return (
    <div class="fields">
      <TextField label="Name" value={layer.name} problem={problemOf('name')} onChange={(name) => set({ name })} />
      {layer.kind === 'reduce' && (
        <>
          {number('n', 'n, pixels')}
          {number('threshold', 'Threshold')}
          <CheckField label="Learn both" value={layer.learn} onChange={(learn) => set({ learn })} />
          {layer.learn && number('betaN', 'βₙ, weight of n')}
        </>
      )}
      {layer.kind === 'conv' && (
        <>
          {number('kernel', 'Kernel side')}
          {number('filters', 'Filters')}
        </>
      )}
      {layer.kind === 'pool' && (
        <>
          <ChoiceField
            label="Of each square"
            value={layer.mode}
            onChange={(mode) => set({ mode })}
            choices={[
              ['average', 'average'],
              ['max', 'largest'],
            ]}
          />
          {number('size', 'Side')}
        </>
      )}
      {layer.kind === 'dense' && (
        <TextField
          label="Units"
          value={String(layer.units)}
          problem={problemOf('units')}
          hint="“classes”: one per class"
          onChange={(text) =>
            set({ units: text === 'classes' ? text : text.trim() === '' ? Number.NaN : Number(text) })
          }
        />
      )}
      {(layer.kind === 'conv' || layer.kind === 'dense') && (
        <>
          {number('bits', 'Bits of inputs')}
          {number('weightBits', 'Bits of weights')}
          <NumberField
            label="β of this layer"
            value={layer.beta}
            isOptional
            hint="empty: the network's"
            problem={problemOf('beta')}
            onChange={(beta) => set({ beta })}
          />
          <CheckField label="relu" value={layer.relu} problem={problemOf('relu')} onChange={(relu) => set({ relu })} />
        </>
      )}
    </div>
  );
}
