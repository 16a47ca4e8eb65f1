import { useEffect, useMemo, useState } from 'preact/hooks';
import { type ImagesLike, type LayerKind, type LayerSpec, type NetworkSpec, newLayer } from '../project/network.ts';
import { presets } from '../project/presets.ts';
import { networkShapes, type Problem } from '../project/shapes.ts';
import type { Draft } from '../work/draft.ts';
import { cycles, number } from './amounts.ts';
import { NumberField } from './field.tsx';
import { latestOnly } from './latest.ts';
import { LayerFields } from './layer-fields.tsx';
import { ask, change, project, say, summary } from './session.ts';

/** Before there are images: as those of the digits. */
const anyImages: ImagesLike = { shape: [28, 28, 1], classes: 10 };

/** Edit the list of layers; shapes and costs follow. */
export function NetworkStep() {
  const { network } = project.value;
  const images = summary.value ?? anyImages;
  const { layers, parameters, problems } = networkShapes(network, images);
  const draft = useDraft(problems.length === 0);
  const setLayers = (next: readonly LayerSpec[]): void => change({ network: { ...network, layers: next } });
  return (
    <>
      <section aria-labelledby="presets">
        <h2 id="presets">Begin with</h2>
        <p class="actions">
          {Object.entries(presets).map(([key, { title, network: preset }]) => (
            <button
              type="button"
              key={key}
              onClick={() => {
                change({ network: preset });
                say(`The network for ${title.toLowerCase()}.`);
              }}
            >
              {title}
            </button>
          ))}
        </p>
      </section>
      <section aria-labelledby="layers">
        <h2 id="layers">Layers</h2>
        <ol class="layers">
          {network.layers.map((layer, index) => (
            <LayerCard
              // Names are edited; places are not.
              key={`${layer.kind}-${index}`}
              layer={layer}
              index={index}
              network={network}
              output={layers[index].output}
              parameters={layers[index].parameters}
              ebops={draft?.ebopsByLayer[layer.name]}
              problems={problems.filter((problem) => problem.layer === index)}
              onChange={setLayers}
            />
          ))}
        </ol>
        <Whole problems={problems.filter(({ layer, field }) => layer === -1 && field === 'layers')} />
        <AddLayer layers={network.layers} onChange={setLayers} />
        <div class="fields">
          <NumberField
            label="β, weight of EBOPs in the loss"
            value={network.beta}
            onChange={(beta) => change({ network: { ...network, beta: beta ?? Number.NaN } })}
            problem={problems.find(({ field, layer }) => layer === -1 && field === 'beta')?.message}
          />
        </div>
      </section>
      <Costs draft={draft} parameters={parameters} isSound={problems.length === 0} />
    </>
  );
}

/** Costs of the network, computed in the worker while one types. */
function useDraft(isSound: boolean): Draft | null {
  const [draft, setDraft] = useState<Draft | null>(null);
  const { network, firmware } = project.value;
  const images = summary.value;
  const compute = useMemo(
    () =>
      latestOnly(async (given: Parameters<typeof ask<'cost'>>[1]) => {
        // Whatever the editor did not see is said where training begins.
        setDraft(await ask('cost', given).catch(() => null));
      }),
    [],
  );
  useEffect(() => {
    if (isSound && images !== null) compute({ network, firmware });
    else setDraft(null);
  }, [network, firmware, images, isSound, compute]);
  return draft;
}

function LayerCard({
  layer,
  index,
  network,
  output,
  parameters,
  ebops,
  problems,
  onChange,
}: {
  readonly layer: LayerSpec;
  readonly index: number;
  readonly network: NetworkSpec;
  readonly output: readonly number[] | undefined;
  readonly parameters: number;
  readonly ebops: number | undefined;
  readonly problems: readonly Problem[];
  readonly onChange: (layers: readonly LayerSpec[]) => void;
}) {
  const { layers } = network;
  const move = (to: number): void => {
    const rest = layers.filter((_, j) => j !== index);
    onChange([...rest.slice(0, to), layer, ...rest.slice(to)]);
  };
  const place = problems.find(({ field }) => field === 'kind');
  return (
    <li class="layer">
      <div class="layer-head">
        <h3>{titles[layer.kind]}</h3>
        <span class="muted">
          {output === undefined ? 'no shape yet' : output.join(' × ')}
          {parameters > 0 && ` · ${number(parameters)} parameters`}
          {ebops !== undefined && ` · ${number(ebops)} EBOPs`}
        </span>
        <span class="actions">
          <button
            type="button"
            class="small"
            disabled={index === 0}
            onClick={() => move(index - 1)}
            aria-label={`Move ${layer.name} up`}
          >
            ↑
          </button>
          <button
            type="button"
            class="small"
            disabled={index === layers.length - 1}
            onClick={() => move(index + 1)}
            aria-label={`Move ${layer.name} down`}
          >
            ↓
          </button>
          <button
            type="button"
            class="small"
            onClick={() => onChange(layers.filter((_, j) => j !== index))}
            aria-label={`Remove ${layer.name}`}
          >
            ✕
          </button>
        </span>
      </div>
      {place !== undefined && <p class="problem">{place.message}</p>}
      <LayerFields
        layer={layer}
        problems={problems}
        onChange={(changed) => onChange(layers.map((other, j) => (j === index ? changed : other)))}
      />
    </li>
  );
}

const titles: Readonly<Record<LayerKind, string>> = {
  reduce: 'Input reduction',
  conv: 'Sparse convolution',
  pool: 'Pooling',
  flatten: 'Flatten',
  dense: 'Dense',
};

function Whole({ problems }: { readonly problems: readonly Problem[] }) {
  return (
    <>
      {problems.map(({ message }) => (
        <p class="problem" key={message}>
          {message}
        </p>
      ))}
    </>
  );
}

function AddLayer({
  layers,
  onChange,
}: {
  readonly layers: readonly LayerSpec[];
  readonly onChange: (layers: readonly LayerSpec[]) => void;
}) {
  const add = (kind: LayerKind): void => {
    const fresh = newLayer(kind, layers);
    const flatten = layers.findIndex((layer) => layer.kind === 'flatten');
    // Where such a layer can stand.
    const at =
      kind === 'reduce' ? 0 : kind === 'dense' ? Math.max(0, layers.length - 1) : flatten < 0 ? layers.length : flatten;
    onChange([...layers.slice(0, at), fresh, ...layers.slice(at)]);
    say(`Added ${fresh.name}.`);
  };
  return (
    <p class="actions">
      Add
      {(
        [
          'conv',
          'pool',
          'dense',
          ...(layers.some(({ kind }) => kind === 'reduce') ? [] : ['reduce']),
          ...(layers.some(({ kind }) => kind === 'flatten') ? [] : ['flatten']),
        ] as LayerKind[]
      ).map((kind) => (
        <button type="button" key={kind} onClick={() => add(kind)}>
          {titles[kind]}
        </button>
      ))}
    </p>
  );
}

function Costs({
  draft,
  parameters,
  isSound,
}: {
  readonly draft: Draft | null;
  readonly parameters: number;
  readonly isSound: boolean;
}) {
  return (
    <section aria-labelledby="costs">
      <h2 id="costs">Before training</h2>
      {!isSound && <p class="problem">Mend what is marked above; then the costs are computed.</p>}
      {isSound && summary.value === null && <p>With images chosen, EBOPs and firmware are estimated here.</p>}
      <dl class="facts">
        <Fact name="parameters" value={number(parameters)} />
        {draft !== null && (
          <>
            <Fact name="EBOPs" value={number(draft.ebops)} />
            <Fact name="latency" value={cycles(draft.latency)} />
            <Fact name="interval" value={cycles(draft.interval)} />
            <Fact name="LUT" value={number(draft.lut)} />
            <Fact name="FF" value={number(draft.ff)} />
            <Fact name="DSP" value={number(draft.dsp)} />
          </>
        )}
      </dl>
      <p class="muted">At the bits to start from; training under β lowers them.</p>
    </section>
  );
}

/** A name and a value. */
export function Fact({ name, value }: { readonly name: string; readonly value: string | number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
