import { type FixedGraph, type GraphNode, graphBuilder, printType } from '@sp/quant';
import type { CastModes, FormatChoice } from '@sp/quant/internal';
import * as tf from '@tensorflow/tfjs';
import { QLayer } from '../layers/q-layer.ts';
import { allLayers } from '../model/walk.ts';
import { type CalibrationData, calibrationOf, declaredInput, derivedInput, type InputType } from './input-format.ts';
import { edgesOf, inputReaders, nodeOf, sharedInputFormat } from './input-readers.ts';
import { lowerLayer } from './layer-table.ts';
import {
  LowerError,
  type Lowered,
  type LowerNote,
  type LowerScope,
  requireValue,
  type SoftmaxChoice,
} from './lowered.ts';
import { checkPrecision, type Precision, type ResolvedPrecision, resolvePrecision } from './precision.ts';
import { renamedMask, renamingBuilder, useName } from './uses.ts';
import { widthWarnings } from './width-warnings.ts';

/** Options of `lower`. */
export interface LowerOptions {
  /** Name of the graph. Default: the model's. */
  readonly name?: string;
  /** Format of the input(s), for all or by input layer: `'ap_ufixed<8,1>'` (detector data are integers) or a format. */
  readonly inputType?: InputType | Readonly<Record<string, InputType>>;
  /**
   * Data from which the smallest format that changes none of them is derived, where `inputType` gives none: for all
   * inputs, by input layer, or a list in the order of the model's inputs.
   */
  readonly calibration?: CalibrationData | readonly CalibrationData[] | Readonly<Record<string, CalibrationData>>;
  /**
   * Types for everything that no quantizer rounds: weights and results of float layers, functions without quantizer, the
   * input; in the manner of hls4ml's configuration of plain Keras models. Default none: such layers are refused.
   */
  readonly precision?: string | Precision | null;
  /**
   * What to do with a softmax or sigmoid that ends the model. `'drop'` (default): the graph ends with the logits, which
   * have the same order; `'table'`: a softmax by tables, wherever it stands; `'refuse'`.
   */
  readonly softmax?: SoftmaxChoice;
  /** What layers of HGQ v1 and QKeras do with values out of range, which is a choice of the conversion. Default `'SAT'`. */
  readonly overflow?: 'WRAP' | 'SAT';
  /** Most entries of a table that stands for a function of such layers; above it they are refused. Default 65536. */
  readonly tableLimit?: number;
  /** Called for everything worth knowing: derived input formats, dropped functions, wide accumulators, costly formats. */
  readonly report?: (note: LowerNote) => void;
}

/**
 * Turns a trained model into a fixed graph that computes exactly what the model's inference computes.
 *
 * Nodes are named `<layer>.<step>` (`conv1.iq`, `conv1.conv`, `conv1.relu`) and carry `layer`; further uses of a shared
 * layer are called `conv1_use2`, … Values keep full precision until the next quantizer. A quantizer right behind a model
 * input becomes the input's format, and the input node stands for that quantizer.
 *
 * With `precision` float layers are rounded as the user says: then the graph computes something near the model's
 * inference, and the interpreter and firmware compute exactly what the graph says.
 *
 * @param model functional or sequential, models in it included, traced with `traceMinMax` if it has WRAP quantizers
 * @throws LowerError naming the layer and the remedy: unknown layers, unquantised values, untraced quantizers
 * @example
 * traceMinMax(model, images);
 * const graph = lower(model, { inputType: 'ap_ufixed<8,1>' });
 */
export function lower(model: tf.LayersModel, options: LowerOptions = {}): FixedGraph {
  const { softmax = 'drop', overflow = 'SAT', tableLimit = 2 ** 16, report = () => {}, precision = null } = options;
  const graph = graphBuilder(options.name ?? model.name);
  const uses = new Map<string, number>();
  const lone = new Set<string>();
  const unfinished = new Set<string>();
  const layers = allLayers(model);
  checkPrecision(
    precision,
    new Set([...layers, ...model.inputLayers].map(({ name }) => name)),
    new Set([...layers, ...model.inputLayers].flatMap(kindsOf)),
  );
  const precisionOf = (layer: tf.layers.Layer): ResolvedPrecision | null =>
    resolvePrecision(precision, layer.name, kindsOf(layer));

  const scopeOf = (layer: tf.layers.Layer, name: string, isOutput: boolean): LowerScope => ({
    graph: renamingBuilder(graph, layer.name, name),
    softmax,
    overflow,
    tableLimit,
    isOutput,
    report,
    precisionOf,
    mayDecide: ({ name: input }) => lone.has(input),
    input: (open, format, modes) => addInput(open, format, modes, name),
  });

  /** @param layer whose output the node is: the input itself, or the quantizer that gave it its format */
  const addInput = (
    open: Extract<Lowered, { kind: 'open' }>,
    format: FormatChoice,
    modes: CastModes,
    layer = open.name,
  ): Lowered => {
    const node = graph.input(open.name, { shape: open.shape, format, ...modes, layer });
    return { kind: 'value', node };
  };

  const openInput = (symbolic: tf.SymbolicTensor, index: number): Lowered => {
    const layer = symbolic.sourceLayer;
    const shape = symbolic.shape.slice(1);
    if (shape.some((extent) => extent == null)) {
      throw new LowerError(
        layer.name,
        `its shape [${symbolic.shape.join(', ')}] is not fixed.`,
        'Give all sizes but the batch.',
      );
    }
    const open = { kind: 'open', name: layer.name, shape: shape as number[] } as const;
    const note = (message: string): void => report({ kind: 'note', layer: layer.name, message });
    const type = byInput(options.inputType, layer.name, (value) => typeof value === 'string' || 'k' in value);
    if (type != null) {
      const { format, modes } = declaredInput(type, layer.name);
      return addInput(open, format, modes);
    }
    const data = calibrationOf(options.calibration, layer.name, index, model.inputs.length);
    if (data != null) {
      const { format, modes } = derivedInput(data, layer.name);
      note(`input format ${printType(format)} derived from the calibration data, which it changes nowhere.`);
      return addInput(open, format, modes);
    }
    const readers = inputReaders(model, symbolic);
    const [first] = readers;
    if (readers.length === 1 && first.direct && first.quantizer != null) {
      lone.add(layer.name);
      return open;
    }
    const shared = sharedInputFormat(readers);
    if (shared != null) {
      const { format, modes } = shared;
      const names = readers.map((reader) => `'${reader.layer}'`).join(', ');
      note(
        `input format ${printType(format)} derived from the quantizers behind it (${names}), which round as before.`,
      );
      return addInput(open, format, modes);
    }
    const types = precisionOf(layer);
    if (types == null) return open;
    const { format, round, overflow } = types.result;
    note(`input format ${printType(format)} from the precision.`);
    return addInput(open, format, { round, overflow });
  };

  /** The value of a tensor. `finals`: tensors that leave the model and that nothing reads. */
  const lowerTensor = (
    symbolic: tf.SymbolicTensor,
    done: Map<number, Lowered>,
    finals: ReadonlySet<number>,
  ): Lowered => {
    const known = done.get(symbolic.id);
    if (known != null) return known;
    const layer = symbolic.sourceLayer;
    const { inputTensors, outputTensors } = nodeOf(symbolic);
    const inputs = inputTensors.map((input) => lowerTensor(input, done, finals));
    const isOutput = outputTensors.some(({ id }) => finals.has(id));
    let outputs: readonly Lowered[];
    if (layer instanceof tf.LayersModel) {
      const inner = new Map(layer.inputs.map(({ id }, index) => [id, inputs[index]]));
      const ends = isOutput ? finalsOf(layer) : new Set<number>();
      outputs = layer.outputs.map((output) => lowerTensor(output, inner, ends));
    } else {
      const count = (uses.get(layer.name) ?? 0) + 1;
      uses.set(layer.name, count);
      const name = useName(layer.name, count);
      const lowered = lowerLayer(scopeOf(layer, name, isOutput), layer, inputs);
      if (lowered.some(({ kind }) => kind === 'function')) unfinished.add(name);
      outputs = lowered.map((output) => renamedMask(output, layer.name, name));
    }
    for (const [index, output] of outputTensors.entries()) done.set(output.id, outputs[index]);
    return done.get(symbolic.id) as Lowered;
  };

  const done = new Map(model.inputs.map((symbolic, index) => [symbolic.id, openInput(symbolic, index)]));
  const finals = finalsOf(model);
  const nodes = model.outputs.map(
    (output): GraphNode => requireValue(lowerTensor(output, done, finals), output.sourceLayer.name).node,
  );
  const built = graph.build(nodes);
  for (const warning of widthWarnings(built)) report(warning);
  // The value of a function is in no node: its table holds what the next quantizer makes of it.
  const nodesOfResults = built.nodes.map((node) => {
    if (node.layer == null || !unfinished.has(node.layer)) return node;
    const { layer: _, ...rest } = node;
    return rest as GraphNode;
  });
  return { ...built, nodes: nodesOfResults };
}

/** Tensors that leave a model and that none of its layers reads. */
function finalsOf(model: tf.LayersModel): ReadonlySet<number> {
  const edges = edgesOf(model);
  return new Set(model.outputs.map(({ id }) => id).filter((id) => !edges.has(id)));
}

/** Names of a layer's kind: ours, and Keras' for layers that stand for a plain one (`QDense`, `Dense`). */
function kindsOf(layer: tf.layers.Layer): readonly string[] {
  const kind = layer.getClassName();
  return kind.startsWith('Q') && layer instanceof QLayer ? [kind, kind.slice(1)] : [kind];
}

/** An option given for all inputs, or by input name. */
function byInput<Value extends object | string>(
  option: Value | Readonly<Record<string, Value>> | undefined,
  name: string,
  isValue: (option: Value) => boolean,
): Value | undefined {
  if (option == null) return undefined;
  return isValue(option as Value) ? (option as Value) : (option as Readonly<Record<string, Value>>)[name];
}
