import { createRequire } from 'node:module';
import { checkPlan } from '@sp/hls';
import type { QuantizationRow } from '@sp/train';
import type { ReportTable } from '@sp/viz';
import { commandLine } from './command-line.ts';
import type { Firmware } from './export.ts';
import { percent } from './numbers.ts';
import type { Options } from './options.ts';
import type { RunRecord } from './run-folder.ts';
import type { Agreement } from './verify.ts';

/** Learned bit widths, tensor by tensor. */
export function bitsTable(tensors: readonly QuantizationRow[]): ReportTable {
  return {
    title: 'Bit widths',
    columns: ['layer', 'tensor', 'shape', 'bits: least', 'mean', 'most', 'zeros'],
    rows: tensors.map(({ layer, role, shape, bits, zeros }) => [
      layer,
      role,
      shape.join(' × '),
      bits.reduce((least, width) => Math.min(least, width)),
      (bits.reduce((sum, width) => sum + width, 0) / bits.length).toFixed(1),
      bits.reduce((most, width) => Math.max(most, width)),
      zeros === undefined ? null : percent(zeros),
    ]),
  };
}

/** The three views, layer by layer. */
export function agreementTable({ compilerMessage }: Firmware, { layers, images }: Agreement): ReportTable {
  const views = `All values of all layers on ${images} test images: model/ computed by tfjs, graph.json by the interpreter, firmware/ by its compiled C++.`;
  return {
    title: 'Agreement of the three views',
    note: compilerMessage === undefined ? views : `${views} Not compiled: ${compilerMessage}`,
    columns: ['layer', 'values', 'tfjs ≠ interpreter', 'interpreter ≠ compiled C++'],
    rows: layers.map((row) => [
      row.layer,
      row.values,
      row.tfjsVersusInterpreter,
      row.interpreterVersusCompiled ?? 'not compiled',
    ]),
  };
}

/** What the firmware takes, node by node. */
export function costTable({ estimate }: Firmware): ReportTable {
  return {
    title: 'Estimated cost',
    note: estimate.note,
    columns: ['node', 'op', 'latency / cycles', 'interval / cycles', 'multipliers', 'LUT', 'DSP'],
    rows: estimate.nodes.map((node) => [
      node.node,
      node.op,
      node.latency,
      node.interval,
      Math.round(node.multipliers),
      Math.round(node.lut),
      Math.round(node.dsp),
    ]),
  };
}

/** What the check for the vendor's tool has found, with remedies; nothing if it found nothing. */
export function findingsTables({ plan }: Firmware): readonly ReportTable[] {
  const found = checkPlan(plan);
  if (found.length === 0) return [];
  return [
    {
      title: `Found by the check for ${plan.settings.backend} HLS`,
      columns: ['node', '', 'what', 'remedy'],
      rows: found.map(({ node, severity, what, remedy }) => [node, severity, what, remedy]),
    },
  ];
}

/** What the command line says of the firmware. */
export type FirmwareWishes = Pick<Options, 'reuseFactor' | 'parallelizationFactor' | 'rtl'>;

/** What somebody needs to get the same run again. */
export function makingTable(
  record: RunRecord,
  firmware: { readonly made: Firmware; readonly asked: FirmwareWishes } | undefined,
): ReportTable {
  const { epochs, seed, bestEpoch, engine, trainingSeconds } = record;
  const { version: tfjs } = createRequire(import.meta.url)('@tensorflow/tfjs/package.json') as {
    readonly version: string;
  };
  const rows: [string, string][] = [
    [
      record.start === undefined ? 'command, with what else was given' : 'command',
      commandLine([...trainingWords(record), ...(firmware === undefined ? [] : firmwareWords(firmware.asked))]),
    ],
    [
      'training',
      `${epochs} epochs from seed ${seed} in ${trainingSeconds.toFixed(0)} s, epoch ${bestEpoch} kept; ${engine}`,
    ],
    ['versions', `Node ${process.versions.node}, TensorFlow.js ${tfjs}`],
  ];
  if (firmware !== undefined) {
    const { clockPeriod, part, ioType } = firmware.made.plan.settings;
    rows.push(['firmware', `${part}, clock of ${clockPeriod} ns, ${ioType}`]);
  }
  return { title: 'How it was made', columns: ['', 'setting'], rows };
}

/** The options that train the same network, as far as the run remembers them. */
function trainingWords({ data, epochs, seed, start }: RunRecord): readonly string[] {
  const { kind, description: _description, ...given } = data;
  const { path, ...fields } = { path: undefined, ...given };
  const reading = Object.entries(fields).flatMap(([field, value]) => {
    const option = field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return value === undefined ? [] : [`--${option}`, Array.isArray(value) ? value.join('x') : String(value)];
  });
  const settings = start === undefined ? [] : ['--n', `${start.n}`, '--threshold', `${start.threshold}`];
  const engine = start === undefined || start.engine === 'auto' ? [] : ['--engine', start.engine];
  const source = ['--data', kind, ...(path === undefined ? [] : [path]), ...reading];
  return [...source, '--epochs', `${epochs}`, '--seed', `${seed}`, ...settings, ...engine];
}

function firmwareWords({ reuseFactor, parallelizationFactor, rtl }: FirmwareWishes): readonly string[] {
  return [
    ...(reuseFactor === 1 ? [] : ['--reuse-factor', `${reuseFactor}`]),
    ...(parallelizationFactor === undefined ? [] : ['--parallelization-factor', `${parallelizationFactor}`]),
    ...(rtl === undefined ? [] : ['--rtl', `${rtl}`]),
  ];
}
