import type { AccumulatorRow, DataType, QToolsRow } from '@sp/layers/internal';
import { analyzeAccumulatorFromSample, printQStats, QKerasAffine, qstats, qtools } from '@sp/layers/qkeras';
import * as tf from '@tensorflow/tfjs';
import { absolute, type Check, missing } from '../parity/compare.ts';
import { asList, asNumber, asRow, asText, type FixtureTensor, type Row } from './fixture.ts';

/** Statistics of a QKeras model: operations, bits, zeros, accumulators, types and energy. */
export function checkQKerasStatistics(
  row: Row,
  model: tf.LayersModel,
  inputs: readonly FixtureTensor[],
  group: string,
  where: string,
): readonly Check[] {
  const statistics = asRow(row['stats'] ?? {}, `${where}.stats`);
  return [
    ...checkOperations(statistics, model, group, `${where}.stats`),
    ...checkText(statistics, model, group, `${where}.stats`),
    ...checkAccumulators(statistics, model, inputs, group, `${where}.stats`),
    ...checkEnergy(statistics, model, group, `${where}.stats`),
  ];
}

/** Of dense layers and convolutions only: upstream miscounts depthwise and separable ones. */
function counted(model: tf.LayersModel): readonly QKerasAffine[] {
  return model.layers.filter(
    (layer): layer is QKerasAffine => layer instanceof QKerasAffine && /^(Dense|Conv)/.test(layer.kind),
  );
}

function checkOperations(statistics: Row, model: tf.LayersModel, group: string, where: string): readonly Check[] {
  if (statistics['operations'] == null) return [];
  const operations = asRow(statistics['operations'], `${where}.operations`);
  const rows = new Map(qstats(model).map((entry) => [entry.layer, entry]));
  const sparsity = asList((statistics['sparsity'] as unknown[] | undefined)?.[1] ?? [], `${where}.sparsity`);
  const zeros = new Map(sparsity as [string, number][]);
  return counted(model).flatMap(({ name }) => {
    const found = rows.get(name);
    const recorded = operations[name];
    if (found == null || recorded == null) return [missing(group, `operations of ${name}`)];
    const at = `${where}.operations.${name}`;
    const { type, type_of_weights, type_of_bias, ...counts } = asRow(recorded, at);
    const [operation, , bits] = asList(type, `${at}.type`);
    const count = (key: string): number => asNumber(counts[key], `${at}.${key}`);
    const width = (value: unknown): number => asNumber(asList(value, at)[1], at);
    const [kernel, bias] = found.weights;
    const checks = [
      absolute(
        group,
        `counts and bits of ${name}`,
        [found.operations, kernel.count, bias?.count ?? 0, found.weightBits, found.inputBits, kernel.bits],
        [
          count('number_of_operations'),
          count('number_of_weights'),
          count('number_of_bias'),
          ...(bits as number[]),
          width(type_of_weights),
        ],
        0,
      ),
      same(group, `operation of ${name}`, found.operation, asText(operation, `${at}.type`)),
    ];
    if (bias != null)
      checks.push(absolute(group, `bits of the bias of ${name}`, [bias.bits], [width(type_of_bias)], 0));
    const share = zeros.get(name);
    if (share == null) return [...checks, missing(group, `zeros of ${name}`)];
    const all = kernel.count + (bias?.count ?? 0);
    const ours = (kernel.zeros * kernel.count + (bias == null ? 0 : bias.zeros * bias.count)) / all;
    return [...checks, absolute(group, `zeros of ${name}`, [ours], [share], 1e-6)];
  });
}

/** Lines of `print_qstats`: kinds of operations, and all bits. */
function checkText(statistics: Row, model: tf.LayersModel, group: string, where: string): readonly Check[] {
  const { print_qstats_text: text } = statistics;
  if (text == null || model.layers.some((layer) => layer instanceof QKerasAffine && !counted(model).includes(layer)))
    return [];
  const recorded = asText(text, `${where}.print_qstats_text`);
  const parts = (whole: string): string[] => {
    const [, kinds] = /operation types in model:\n([^:]*:[^W]*)/.exec(whole) ?? ['', ''];
    const [, bits] = /Total bits\s*:\s*(\d+)/i.exec(whole) ?? ['', ''];
    return [...kinds.matchAll(/(\w+_\d+_\d+)\s*:\s*(\d+)/g)].map(([, kind, n]) => `${kind} ${n}`).concat(bits);
  };
  return [same(group, 'print_qstats', parts(printQStats(model)).join(', '), parts(recorded).join(', '))];
}

/**
 * What the recorded sample reaches: the whole of it, or its first row in models with one layer of the kind, where upstream
 * takes the rows of its results for those of several layers. The worst case is not compared: upstream's is wrong.
 */
function checkAccumulators(
  statistics: Row,
  model: tf.LayersModel,
  inputs: readonly FixtureTensor[],
  group: string,
  where: string,
): readonly Check[] {
  if (statistics['accumulator_sampled'] == null) return [];
  const recorded = asRow(statistics['accumulator_sampled'], `${where}.accumulator_sampled`);
  const single = model.layers.filter((layer) => layer instanceof QKerasAffine).length === 1;
  const sample = inputs.map(({ shape, data }) => {
    const rows = single ? 1 : shape[0];
    return tf.tensor(data.slice(0, (data.length / shape[0]) * rows), [rows, ...shape.slice(1)]);
  });
  let rows: readonly AccumulatorRow[];
  try {
    rows = analyzeAccumulatorFromSample(model, sample, 'sampled');
  } catch (error) {
    return [
      same(group, 'accumulators', /separable/.test((error as Error).message) ? 'refused' : String(error), 'refused'),
    ];
  } finally {
    tf.dispose(sample);
  }
  return rows.map(({ layer, bits }) =>
    absolute(
      group,
      `accumulator of ${layer}`,
      [bits],
      [asNumber(recorded[layer], `${where}.accumulator_sampled.${layer}`)],
      0,
    ),
  );
}

/** Layers whose types upstream gets wrong, or that it has none for; what they feed is not compared either. */
function isDefective({ layer, steps }: QToolsRow, model: tf.LayersModel): boolean {
  const kind = model.getLayer(layer).getClassName();
  return steps.length > 1 || kind === 'Add' || kind === 'QKerasBatchNormalization';
}

function checkEnergy(statistics: Row, model: tf.LayersModel, group: string, where: string): readonly Check[] {
  if (statistics['qtools'] == null) return [];
  const recorded = asRow(statistics['qtools'], `${where}.qtools`);
  const [map, energies] = (['map', 'energy'] as const).map((key) => asRow(recorded[key], `${where}.qtools.${key}`));
  const rows = qtools(model);
  const after = new Set(
    rows.filter((row) => isDefective(row, model)).flatMap(({ layer }) => model.getLayer(layer).outboundNodes),
  );
  return rows.flatMap((row) => {
    const { layer, energy } = row;
    if (isDefective(row, model) || after.has(model.getLayer(layer).inboundNodes[0])) return [];
    const at = `${where}.qtools.energy.${layer}`;
    if (energies[layer] == null || map[layer] == null) return [missing(group, `energy of ${layer}`)];
    const entry = asRow(energies[layer], at);
    const parts = asRow(entry['energy'], at);
    const names = ['inputs', 'outputs', 'parameters', 'op_cost'];
    const numbers = [...names.map((name) => parts[name]), entry['total']].map((value) => asNumber(value, at));
    const ours = [energy.inputs, energy.outputs, energy.parameters, energy.operations, energy.total];
    return [
      // Recorded with two digits, and the total summed from those.
      absolute(group, `energy of ${layer}`, ours, numbers, 0.02),
      ...checkTypes(row, asRow(map[layer], at), group, at),
    ];
  });
}

function checkTypes(row: QToolsRow, recorded: Row, group: string, at: string): readonly Check[] {
  const [step] = row.steps;
  const pairs: [string, DataType | undefined][] = [
    ['output_quantizer', row.output],
    ...(step == null
      ? []
      : ([
          ['weight_quantizer', step.weightType],
          ['multiplier', step.multiplier.type],
          ['accumulator', step.accumulator],
        ] as [string, DataType][])),
  ];
  return pairs.flatMap(([name, type]) => {
    const { bits, int_bits } = asRow(recorded[name], `${at}.${name}`);
    const whole = int_bits == null || type?.kind === 'po2' ? [] : [asNumber(int_bits, at)];
    const ours = type == null ? [] : [type.bits, ...(whole.length === 0 ? [] : [type.intBits])];
    const checks = [absolute(group, `${name} of ${row.layer}`, ours, [asNumber(bits, at), ...whole], 0)];
    const gate = name === 'multiplier' ? asText(asRow(recorded[name], at)['op_type'], at) : null;
    return gate == null ? checks : [...checks, same(group, `gate of ${row.layer}`, row.steps[0].multiplier.gate, gate)];
  });
}

function same(group: string, what: string, ours: string, recorded: string): Check {
  return absolute(
    group,
    ours === recorded ? what : `${what}: ${ours}, recorded ${recorded}`,
    [ours === recorded ? 0 : 1],
    [0],
    0,
  );
}
