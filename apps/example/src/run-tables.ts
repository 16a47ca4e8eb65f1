import { createRequire } from 'node:module';
import { checkPlan } from '@sp/hls';
import type { ReportTable } from '@sp/viz';
import { commandLine } from './command-line.ts';
import type { Firmware } from './export.ts';
import type { RunRecord } from './run-folder.ts';

/** What somebody needs to get the same run again. */
export function makingTable(record: RunRecord, firmware: Firmware | undefined): ReportTable {
  const { data, epochs, seed, bestEpoch, engine, trainingSeconds } = record;
  const path = 'path' in data ? [data.path] : [];
  const words = ['--data', data.kind, ...path, '--epochs', `${epochs}`, '--seed', `${seed}`];
  const { version: tfjs } = createRequire(import.meta.url)('@tensorflow/tfjs/package.json') as {
    readonly version: string;
  };
  const rows: [string, string][] = [
    ['command, with what else was given', commandLine(words)],
    [
      'training',
      `${epochs} epochs from seed ${seed} in ${trainingSeconds.toFixed(0)} s, epoch ${bestEpoch} kept; ${engine}`,
    ],
    ['versions', `Node ${process.versions.node}, TensorFlow.js ${tfjs}`],
  ];
  if (firmware !== undefined) {
    const { clockPeriod, part, ioType } = firmware.plan.settings;
    rows.push(['firmware', `${part}, clock of ${clockPeriod} ns, ${ioType}`]);
  }
  return {
    title: 'How it was made',
    note: 'Saturated values lie beyond the range of their format and are cut to its end, which all views do alike: the network was trained with it.',
    columns: ['', 'setting'],
    rows,
  };
}

/** What the check for the vendor's tool has found, with remedies; nothing if it found nothing. */
export function findingsTables({ plan }: Firmware): readonly ReportTable[] {
  const found = checkPlan(plan);
  if (found.length === 0) return [];
  return [
    {
      title: 'Found by the check for Vitis HLS',
      columns: ['node', '', 'what', 'remedy'],
      rows: found.map(({ node, severity, what, remedy }) => [node, severity, what, remedy]),
    },
  ];
}
