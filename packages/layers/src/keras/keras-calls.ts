import { LayerError } from '../layer-error.ts';
import type { JsonObject } from './json-object.ts';

/** Output `tensor` of the `node`-th call of a layer. */
export interface KerasTensor {
  readonly layer: string;
  readonly node: number;
  readonly tensor: number;
}

/** One call of a layer or an operation. */
export interface KerasCall {
  /** Arguments by position as the file has them, tensors in place. */
  readonly args: readonly unknown[];
  readonly kwargs: JsonObject;
  /** The tensors among the arguments, in order, nested lists flattened; those by keyword last. */
  readonly inputs: readonly KerasTensor[];
}

/** The calls of a layer of a functional model. @throws naming `where` when they are in another format. */
export function callsOf(entry: JsonObject, where: string): readonly KerasCall[] {
  const nodes = entry['inbound_nodes'] ?? [];
  if (!Array.isArray(nodes)) throw new LayerError(`${where}: its inbound_nodes are no list. Save the model again.`);
  return nodes.map((node: unknown) => {
    if (node === null || typeof node !== 'object' || Array.isArray(node)) {
      throw new LayerError(
        `${where}: its inbound_nodes are not in the format of Keras 3. Save the model with Keras 3.`,
      );
    }
    const { args = [], kwargs = {} } = node as { readonly args?: unknown; readonly kwargs?: unknown };
    return {
      args: (Array.isArray(args) ? args : [args]).map(argument),
      kwargs: Object.fromEntries(Object.entries(kwargs as JsonObject).map(([key, value]) => [key, argument(value)])),
      inputs: [...tensorsIn(args), ...tensorsIn(kwargs)],
    };
  });
}

/** Whether an argument is a tensor of the model. */
export function isTensor(value: unknown): value is KerasTensor {
  return value !== null && typeof value === 'object' && 'layer' in value && 'node' in value && 'tensor' in value;
}

/** `["name", 0, 0]`, a list of such, or a dictionary of such. */
export function ends(value: unknown, where: string): readonly KerasTensor[] {
  if (Array.isArray(value) && typeof value[0] === 'string') return [tensor(value)];
  if (value === null || typeof value !== 'object') throw new LayerError(`${where} is missing.`);
  return Object.values(value).flatMap((entry) => ends(entry, where));
}

/** An argument with its tensors as `KerasTensor` and everything else as in the file. */
function argument(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(argument);
  if (value === null || typeof value !== 'object') return value;
  const { class_name: className, config } = value as JsonObject;
  if (className === '__keras_tensor__') return tensor((config as JsonObject)['keras_history']);
  return value;
}

function tensorsIn(value: unknown): readonly KerasTensor[] {
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (value === null || typeof value !== 'object') return [];
  const { class_name: className, config } = value as JsonObject;
  if (className !== '__keras_tensor__') return Object.values(value).flatMap(tensorsIn);
  return [tensor((config as JsonObject)['keras_history'])];
}

function tensor(history: unknown): KerasTensor {
  const [layer, node, index] = history as [string, number, number];
  return { layer, node, tensor: index };
}
