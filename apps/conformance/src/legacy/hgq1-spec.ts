import type { Keras2File, Keras2Layer, Keras2Model } from '@sp/layers/internal';
import { asList, asRow, asRows, asTensor, asText, type Row } from './fixture.ts';

/** The neutral layer list of a fixture, with a state, as a Keras-2 file. */
export function fileOfSpec(spec: Row, state: Row, where: string): Keras2File {
  const model = modelOf(spec, `${where}.spec`);
  const owners = new Map<string, string>();
  for (const layer of model.layers) {
    owners.set(layer.name, layer.name);
    for (const inner of layer.model?.layers ?? []) owners.set(inner.name, layer.name);
  }
  const weights = new Map(
    Object.entries(state).map(([name, value]) => {
      const { shape, data } = asTensor(value, `${where}: ${name}`);
      return [`${owners.get(name.split('/')[0])}//${name}`, { shape, values: data }];
    }),
  );
  return { model, weights, notes: [] };
}

function modelOf(spec: Row, where: string): Keras2Model {
  const layers = asRows(spec['layers'], `${where}.layers`).map((layer, index) =>
    layerOf(layer, `${where}.layers[${index}]`),
  );
  const tensor = (layer: string): { layer: string; node: number; tensor: number } => ({ layer, node: 0, tensor: 0 });
  return {
    name: asText(spec['name'] ?? 'model', `${where}.name`),
    layers,
    inputs: layers.filter(({ className }) => className === 'InputLayer').map(({ name }) => tensor(name)),
    outputs: asList(spec['outputs'], `${where}.outputs`).map((name) => tensor(String(name))),
  };
}

function layerOf({ class: kind, inbound, model, ...config }: Row, where: string): Keras2Layer {
  const name = asText(config['name'], `${where}.name`);
  const calls =
    inbound == null
      ? []
      : [asList(inbound, `${where}.inbound`).map((layer) => ({ layer: String(layer), node: 0, tensor: 0 }))];
  if (kind === 'Input') {
    return {
      name,
      className: 'InputLayer',
      config: { name, batch_input_shape: [null, ...asList(config['shape'], where)] },
      calls,
    };
  }
  if (kind === 'Nested')
    return { name, className: 'Functional', config, calls, model: modelOf(asRow(model, where), where) };
  const conv = String(kind).startsWith('HConv') ? { strides: 1, dilation_rate: 1, padding: 'valid' } : {};
  const confs = Object.fromEntries(
    ['kq_conf', 'paq_conf'].filter((key) => config[key] != null).map((key) => [key, confOf(asRow(config[key], where))]),
  );
  return { name, className: String(kind), config: { ...conv, ...config, ...confs }, calls };
}

/** `l1` stands for the weight of the regulariser. */
function confOf({ l1, ...conf }: Row): Row {
  return l1 === undefined ? conf : { ...conf, regularizer: { class_name: 'MonoL1', config: { l1 } } };
}
