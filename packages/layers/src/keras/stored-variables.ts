import { LayerError } from '../layer-error.ts';
import { QLayer } from '../layers/q-layer.ts';
import type { Hdf5Dataset } from './hdf5.ts';
import type { KerasLayer } from './read-keras.ts';
import type { Recipe } from './recipe.ts';

/** A variable by value: reals, flat in row-major order. */
export interface VariableValue {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/**
 * The variables of one layer out of its arrays in the file, named as ours: `conv1/kernel`, `conv1/iq/f`, …, and the
 * stored EBOPs as `conv1/ebops`.
 *
 * @throws naming the layer and the path when an array is missing or superfluous.
 */
export function storedVariables(file: KerasLayer, { layer, stored }: Recipe): Map<string, VariableValue> {
  const found = new Map<string, VariableValue>();
  const collect = (
    path: string,
    names: readonly (string | null)[],
    arrays: readonly Hdf5Dataset[],
    shapes: Readonly<Record<string, readonly number[]>> = {},
  ): void => {
    if (arrays.length !== names.length) {
      throw new LayerError(
        `Layer '${file.name}' (${file.className}): the file holds ${arrays.length} arrays at ${path}; expected ` +
          `${names.length} (${names.map((name) => name ?? 'not needed').join(', ')}).`,
      );
    }
    for (const [index, name] of names.entries()) {
      if (name == null) continue;
      const value = asValue(arrays[index]);
      const path = name.startsWith('/') ? name.slice(1) : `${file.name}/${name}`;
      found.set(path, { ...value, shape: shapes[name] ?? value.shape });
    }
  };
  for (const place of stored) {
    const group = place.group === '' ? '' : `${place.group}/`;
    if ('variables' in place) {
      const { variables, constants = {} } = place;
      const arrays = numbered(file, `${group}vars`);
      const learned = variables.filter((name) => !Object.hasOwn(constants, name));
      const lacks = arrays.length === learned.length && learned.length < variables.length;
      collect(`${group}vars`, lacks ? learned : variables, arrays, place.shapes);
      if (!lacks) continue;
      for (const [name, value] of Object.entries(constants)) {
        found.set(`${file.name}/${name}`, { shape: [], data: [value] });
      }
      continue;
    }
    const path = `${group}quantizer/vars`;
    const arrays = numbered(file, path);
    const quantizer = layer instanceof QLayer ? layer.quantizers.get(place.quantizer) : undefined;
    if (quantizer == null)
      throw new LayerError(`Layer '${file.name}' (${file.className}) has no quantizer '${place.quantizer}'.`);
    const { config } = quantizer;
    // A dummy has none, and a minifloat cannot come out of the reference (hgq2 §2.5).
    if (config.qType !== 'kbi' && config.qType !== 'kif') continue;
    const names = quantizerNames(config.qType, config.overflowMode === 'WRAP', arrays);
    collect(
      path,
      names.map((name) => name && `${place.quantizer}/${name}`),
      arrays,
    );
  }
  return found;
}

/** Arrays `path/0`, `path/1`, … */
function numbered(layer: KerasLayer, path: string): Hdf5Dataset[] {
  const arrays: Hdf5Dataset[] = [];
  for (let array = layer.arrays.get(`${path}/0`); array != null; array = layer.arrays.get(`${path}/${arrays.length}`)) {
    arrays.push(array);
  }
  return arrays;
}

/**
 * Names of a fixed-point quantizer's variables in stored order. Trainable ones come before the others, so the order
 * depends on what was trained when the variables were made; k, the one array of unsigned bytes, shows which order it is
 * (hgq2 §5.10).
 */
function quantizerNames(qType: 'kbi' | 'kif', wraps: boolean, arrays: readonly Hdf5Dataset[]): (string | null)[] {
  const bytes = arrays.findIndex(({ values }) => values instanceof Uint8Array);
  const place = bytes >= 0 ? bytes : wraps ? 1 : 2;
  const width = qType === 'kbi' ? 'b' : 'f';
  const pair = qType === 'kbi' ? ['b', 'i'] : ['i', 'f'];
  const names = place === 1 ? [width, 'k', 'i'] : place === 0 ? ['k', ...pair] : [...pair, 'k'];
  // A WRAP quantizer also stores its decay speed, which the config holds as well.
  return wraps ? [...names, null] : names;
}

function asValue({ shape, values }: Hdf5Dataset): VariableValue {
  return { shape, data: Float64Array.from(values as ArrayLike<number>) };
}
