import { type Dataset, sliceImages } from '@sp/train';
import { type ReportTable, report } from '@sp/viz';
import type { Firmware } from './export.ts';
import type { Fact } from './fact.ts';
import type { Findings } from './findings.ts';
import { partOf, planCosts, profileEntries } from './firmware-figures.ts';
import { type Hardware, hardwareRows } from './hardware.ts';
import { firmwareRows, networkRows, warningsRow } from './report.ts';
import type { RunRecord } from './run-folder.ts';
import { findingsTables, makingTable } from './run-tables.ts';
import type { Agreement } from './verify.ts';

/** Test images whose values are profiled. */
const profiledImages = 50;

/** The whole run as one HTML page that needs no other file. */
export async function htmlReport(
  record: RunRecord,
  found: Findings,
  test: Dataset,
  firmware: { readonly made: Firmware; readonly agreement: Agreement; readonly hardware?: Hardware } | undefined,
): Promise<string> {
  const { data, epochs, seed, history, bestEpoch, warnings = [] } = record;
  const warned = warnings.map(({ when, message }) => ` Warning (${when}): ${message}`);
  const { n, threshold } = found;
  const agreement = firmware?.agreement;
  const rows: readonly Fact[] = [
    ...networkRows(found),
    warningsRow(record),
    ...(firmware === undefined ? [] : firmwareRows(firmware.made, firmware.agreement)),
    ...(firmware?.hardware === undefined ? [] : hardwareRows(firmware.hardware)),
  ];
  return report({
    name: 'A sparse quantised network and its firmware',
    description: `${data.description}; ${epochs} epochs, seed ${seed}; the weights of epoch ${bestEpoch} were kept.${warned.join('')}`,
    facts: rows.map(([label, value]) => ({
      label,
      value,
      ...(label === 'mismatching codes'
        ? { tone: agreement?.mismatches === 0 ? ('good' as const) : ('bad' as const) }
        : {}),
    })),
    activePixels: { rows: found.activePixels, n, threshold },
    examples: found.examples,
    history,
    bestEpoch,
    answers: found.answers,
    roc: found.roc,
    graph: firmware?.made.graph.nodes,
    layerOutputs: found.layerOutputs,
    tensors: found.bits,
    ebops: found.ebopsByLayer,
    profile:
      firmware === undefined
        ? undefined
        : profileEntries(
            firmware.made.graph,
            sliceImages(test, 0, Math.min(profiledImages, test.labels.length)).images,
          ),
    verification: agreement?.layers.map((layer) => ({
      name: layer.layer,
      compared: layer.values,
      mismatches: {
        'tfjs ≠ interpreter': layer.tfjsVersusInterpreter,
        'interpreter ≠ compiled C++': layer.interpreterVersusCompiled,
      },
    })),
    plan: firmware === undefined ? undefined : costTable(firmware.made),
    plans: firmware === undefined ? undefined : planCosts(firmware.made.graph, firmware.made.plan),
    part: firmware === undefined ? undefined : partOf(firmware.made.plan),
    tables: [...(firmware === undefined ? [] : findingsTables(firmware.made)), makingTable(record, firmware?.made)],
    files: [
      { path: 'model/', note: 'the trained model' },
      { path: 'report.md', note: 'this report as Markdown' },
      ...(firmware === undefined
        ? []
        : [
            { path: 'graph.json', note: 'the fixed-point network (with graph.bin)' },
            { path: 'firmware/', note: 'the HLS project' },
            ...(firmware.hardware === undefined ? [] : [{ path: 'rtl/', note: 'the Verilog project' }]),
          ]),
    ],
  });
}

function costTable({ estimate }: Firmware): ReportTable {
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
