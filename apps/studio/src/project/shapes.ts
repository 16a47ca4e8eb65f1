import { type ImagesLike, type LayerSpec, type NetworkSpec, unitsOf } from './network.ts';

/** What is wrong with a field of a layer, and what to do. */
export interface Problem {
  /** Place of the layer in the list; −1: the network as a whole. */
  readonly layer: number;
  /** Name of the field; 'kind': the layer's place among the others. */
  readonly field: string;
  readonly message: string;
}

/** A layer's output and weights. */
export interface LayerShape {
  /** Without the batch axis; undefined where something before is wrong. */
  readonly output: readonly number[] | undefined;
  /** Weights and biases. */
  readonly parameters: number;
}

/** Shapes of all layers for some images, and what is wrong. */
export interface NetworkShapes {
  readonly layers: readonly LayerShape[];
  readonly parameters: number;
  readonly problems: readonly Problem[];
}

/** Computes shapes and looks for mistakes, as far as it takes no model to see them. */
export function networkShapes(network: NetworkSpec, images: ImagesLike): NetworkShapes {
  const problems: Problem[] = [];
  const shapes: LayerShape[] = [];
  let value: readonly number[] | undefined = images.shape;
  let isList = false;
  for (const [index, layer] of network.layers.entries()) {
    const say = (field: string, message: string): void => void problems.push({ layer: index, field, message });
    checkFields(layer, network.layers, index, images, say);
    checkPlace(layer, { index, isList, isVector: value === undefined || value.length === 1 }, say);
    const isPlaced = !problems.some((problem) => problem.layer === index && problem.field === 'kind');
    const shape: LayerShape =
      value === undefined || !isPlaced ? { output: undefined, parameters: 0 } : shapeOf(layer, value, images, say);
    shapes.push(shape);
    value = shape.output;
    isList = layer.kind === 'reduce' || (isList && layer.kind !== 'flatten');
  }
  problems.push(...wholeNetwork(network, images));
  return { layers: shapes, parameters: shapes.reduce((sum, { parameters }) => sum + parameters, 0), problems };
}

type Say = (field: string, message: string) => void;

function checkFields(
  layer: LayerSpec,
  layers: readonly LayerSpec[],
  index: number,
  { shape: [height, width] }: ImagesLike,
  say: Say,
): void {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,30}$/.test(layer.name)) {
    say('name', 'a name of up to 31 letters, digits and _, beginning with a letter, e.g. conv1');
  } else if (layer.name === 'pixels' || layer.name === 'image') {
    say('name', `${layer.name} is what the network's input is called; take another name`);
  } else if (layers.findIndex(({ name }) => name === layer.name) !== index) {
    say('name', `another layer is called ${layer.name}; take another name`);
  }
  const whole = (field: string, number: number, least: number, most: number): void => {
    if (!Number.isInteger(number) || number < least || number > most) {
      say(field, `a whole number from ${least} to ${most}`);
    }
  };
  if (layer.kind === 'reduce') {
    whole('n', layer.n, 1, height * width);
    if (!(layer.threshold >= 0)) say('threshold', 'a number from 0 on: pixels above it are kept');
    if (!(layer.betaN >= 0 && layer.betaN <= 1)) say('betaN', 'a number from 0 to 1, e.g. 0.008');
  }
  if (layer.kind === 'conv') {
    whole('filters', layer.filters, 1, 256);
    if (!(layer.kernel % 2 === 1 && layer.kernel >= 1 && layer.kernel <= 15))
      say('kernel', 'an odd number: 1, 3, 5 … 15');
  }
  if (layer.kind === 'pool') whole('size', layer.size, 1, Math.max(height, width));
  if (layer.kind === 'dense' && layer.units !== 'classes') whole('units', layer.units, 1, 4096);
  if (layer.kind === 'conv' || layer.kind === 'dense') {
    whole('bits', layer.bits, 0, 16);
    whole('weightBits', layer.weightBits, 1, 16);
    if (layer.beta !== null && !(layer.beta >= 0 && layer.beta <= 1)) {
      say('beta', "a number from 0 to 1, e.g. 3e-7; empty: the network's");
    }
  }
}

function checkPlace(
  { kind }: LayerSpec,
  { index, isList, isVector }: { readonly index: number; readonly isList: boolean; readonly isVector: boolean },
  say: Say,
): void {
  if (kind === 'reduce' && index > 0) say('kind', 'the reduction comes first, and once; remove it or move it up');
  if ((kind === 'conv' || kind === 'pool' || kind === 'flatten') && !isList) {
    say('kind', `a ${kind} layer needs the list of pixels; place it behind the reduction and before flatten`);
  }
  if (kind === 'dense' && !isVector) say('kind', 'a dense layer needs a vector; place it behind flatten');
}

function shapeOf(layer: LayerSpec, value: readonly number[], images: ImagesLike, say: Say): LayerShape {
  switch (layer.kind) {
    case 'reduce':
      return { output: value, parameters: 0 };
    case 'conv': {
      const [height, width, channels] = value;
      const { filters, kernel } = layer;
      return { output: [height, width, filters], parameters: kernel * kernel * channels * filters + filters };
    }
    case 'pool': {
      const [height, width, channels] = value;
      const pooled = [height, width].map((side) => Math.floor(side / layer.size));
      if (pooled.some((side) => !(side >= 1))) {
        say(
          'size',
          `squares of ${layer.size} do not fit into ${height} × ${width} pixels; at most ${Math.min(height, width)}`,
        );
        return { output: undefined, parameters: 0 };
      }
      return { output: [...pooled, channels], parameters: 0 };
    }
    case 'flatten':
      return { output: [value.reduce((product, size) => product * size, 1)], parameters: 0 };
    case 'dense': {
      const units = unitsOf(layer, images);
      return { output: [units], parameters: value[0] * units + units };
    }
    default:
      throw new Error(`unknown layer ${JSON.stringify(layer satisfies never)}`);
  }
}

/** What no single field is to blame for. */
function wholeNetwork({ layers, beta }: NetworkSpec, images: ImagesLike): readonly Problem[] {
  const problems: Problem[] = [];
  if (layers[0]?.kind !== 'reduce') {
    problems.push({ layer: -1, field: 'layers', message: 'the network begins with a reduction; add one at the top' });
  }
  const last = layers.at(-1);
  const index = layers.length - 1;
  if (last?.kind !== 'dense') {
    problems.push({ layer: -1, field: 'layers', message: 'the network ends with a dense layer; add one' });
  } else {
    if (unitsOf(last, images) !== images.classes) {
      problems.push({
        layer: index,
        field: 'units',
        message: `the last layer gives one number per class: ${images.classes}; write ${images.classes} or “classes”`,
      });
    }
    if (last.relu) {
      problems.push({ layer: index, field: 'relu', message: 'the last layer gives logits; switch its relu off' });
    }
  }
  if (!(beta >= 0 && beta <= 1)) {
    problems.push({ layer: -1, field: 'beta', message: 'β is a number from 0 to 1, e.g. 3e-7' });
  }
  return problems;
}
