import { FileError } from '@sp/quant/files';

/** A layer as a saved model lists it, keys in Python's or in JavaScript's spelling. */
type Saved = Readonly<Record<string, unknown>>;

/**
 * Refuses a saved topology whose layers do not form a graph, in nested models too: tfjs waits for ever for an input that no layer gives.
 *
 * @param file names it in errors
 * @throws FileError naming the layer and its input
 */
export function checkLayerGraph(topology: unknown, file: string): void {
  if (typeof topology !== 'object' || topology === null) return;
  if (Array.isArray(topology)) {
    for (const entry of topology) checkLayerGraph(entry, file);
    return;
  }
  const { config } = topology as { config?: unknown };
  if (isRecord(config) && Array.isArray(config.layers) && either(config, 'input_layers', 'inputLayers') !== undefined) {
    checkModel(config, file);
  }
  for (const entry of Object.values(topology)) checkLayerGraph(entry, file);
}

function checkModel(config: Saved, file: string): void {
  const model = `model '${String(config.name)}'`;
  /** How many times each layer has been called so far; an input, and a model within the model, come with one. */
  const calls = new Map<string, number>();
  const waiting: { layer: string; inputs: readonly (readonly [layer: string, call: number])[] }[] = [];
  for (const [j, layer] of (config.layers as unknown[]).entries()) {
    const where = `${model}, layer ${j}`;
    if (!isRecord(layer) || typeof layer.name !== 'string') throw broken(file, `${where} has no name`);
    if (calls.has(layer.name)) throw broken(file, `${model} has two layers '${layer.name}'`);
    if (isRecord(layer.config) && typeof layer.config.name === 'string' && layer.config.name !== layer.name) {
      throw broken(file, `${where} is called '${layer.name}' and '${layer.config.name}'`);
    }
    const kind = either(layer, 'class_name', 'className');
    const nodes = either(layer, 'inbound_nodes', 'inboundNodes');
    if (!Array.isArray(nodes)) throw broken(file, `${where} '${layer.name}' has no list of inputs`);
    calls.set(
      layer.name,
      kind === 'InputLayer' || (isRecord(layer.config) && Array.isArray(layer.config.layers)) ? 1 : 0,
    );
    for (const node of nodes) {
      // tfjs makes nothing of a call without inputs, and then waits for its result.
      if (!Array.isArray(node) || node.length === 0 || !node.every(isReference)) {
        throw broken(file, `${where} '${layer.name}' has inputs that name no layers`);
      }
      waiting.push({ layer: layer.name, inputs: node.map(([name, call]) => [name, call]) });
    }
  }
  for (const { layer, inputs } of waiting) {
    const missing = inputs.find(([name]) => !calls.has(name));
    if (missing) throw broken(file, `layer '${layer}' of ${model} has an input '${missing[0]}', which is no layer`);
  }
  for (let left = waiting; left.length > 0; ) {
    const ready = ({ inputs }: (typeof waiting)[number]) => inputs.every(([name, call]) => calls.get(name)! > call);
    const next: typeof waiting = [];
    for (const call of left) {
      if (ready(call)) calls.set(call.layer, calls.get(call.layer)! + 1);
      else next.push(call);
    }
    if (next.length === left.length) {
      throw broken(file, `layer '${next[0].layer}' of ${model} waits for '${next[0].inputs[0][0]}' in a circle`);
    }
    left = next;
  }
  for (const [snake, camel] of [
    ['input_layers', 'inputLayers'],
    ['output_layers', 'outputLayers'],
  ] as const) {
    const list = either(config, snake, camel);
    if (!Array.isArray(list) || list.length === 0) throw broken(file, `${model} has no ${snake}`);
    for (const entry of list) {
      if (!isReference(entry)) throw broken(file, `${snake} of ${model} name no layers`);
      const [name, call] = entry;
      if (!(calls.get(name)! > call))
        throw broken(file, `${snake} of ${model} name '${name}', call ${call}, which is none`);
    }
  }
}

function isReference(entry: unknown): entry is [name: string, call: number, tensor: number] {
  return (
    Array.isArray(entry) &&
    typeof entry[0] === 'string' &&
    [entry[1], entry[2]].every((index) => Number.isInteger(index) && (index as number) >= 0)
  );
}

function either(record: Saved, snake: string, camel: string): unknown {
  return record[snake] ?? record[camel];
}

function isRecord(value: unknown): value is Saved {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function broken(file: string, problem: string): FileError {
  return new FileError(file, `holds no graph of layers: ${problem}`, 'save the model again');
}
