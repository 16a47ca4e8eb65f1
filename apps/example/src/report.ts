import { checkPlan, countFindings } from '@sp/hls';
import type { QuantizationRow } from '@sp/train';
import type { Firmware } from './export.ts';
import type { Fact } from './fact.ts';
import type { Findings } from './findings.ts';
import { type Hardware, hardwareRows } from './hardware.ts';
import type { Picture } from './pictures.ts';
import type { RunRecord } from './run-folder.ts';
import type { Agreement } from './verify.ts';

/** The closing table's rows on the network. */
export function networkRows({ n, threshold, ebops, weightBits, accuracy, testImages }: Findings): readonly Fact[] {
  return [
    ['test images', grouped(testImages)],
    ['test accuracy, model (tfjs)', percent(accuracy)],
    ['n (pixel budget)', String(n)],
    ['threshold', threshold.toFixed(4)],
    ['EBOPs', grouped(ebops)],
    ['total weight bits', grouped(weightBits)],
  ];
}

/** The closing table's rows on the firmware. */
export function firmwareRows(firmware: Firmware, agreement: Agreement): readonly Fact[] {
  const { estimate, compilerMessage } = firmware;
  const { fixedAccuracy, compiledAccuracy, images, layers, mismatches, overflows } = agreement;
  return [
    ['test accuracy, fixed point (interpreter)', percent(fixedAccuracy)],
    ['test accuracy, compiled C++', compiledAccuracy === undefined ? 'not compiled' : percent(compiledAccuracy)],
    ['estimated latency', `${estimate.latency} cycles = ${grouped(estimate.latencyNs)} ns`],
    ['estimated interval', `${estimate.interval} ${estimate.interval === 1 ? 'cycle' : 'cycles'}`],
    ['estimated LUTs', `${grouped(estimate.lut)}${ofPart(firmware)}`],
    [`check for ${firmware.plan.settings.backend} HLS`, countFindings(checkPlan(firmware.plan))],
    ['views compared', compilerMessage === undefined ? 'tfjs, interpreter, C++' : 'tfjs, interpreter'],
    ['layers × images', `${layers.length} × ${images}`],
    ['mismatching codes', grouped(mismatches)],
    ['saturated values', overflows === 0 ? '0' : `${grouped(overflows)} (beyond their range, cut alike in all views)`],
  ];
}

function ofPart({ estimate, plan }: Firmware): string {
  return estimate.percent === undefined ? '' : ` = ${estimate.percent.lut.toFixed(1)} % of ${plan.settings.part}`;
}

/** The closing table's row on warnings of the training. */
export function warningsRow({ warnings = [] }: RunRecord): Fact {
  return ['warnings while training', warnings.length === 0 ? 'none' : `${warnings.length}, see report.md`];
}

/** The agreement layer by layer, as aligned text. */
export function agreementTable({ layers }: Agreement): string {
  return aligned([
    ['layer', 'values', 'tfjs ≠ interpreter', 'interpreter ≠ compiled C++'],
    ...layers.map((row) => [
      row.layer,
      grouped(row.values),
      String(row.tfjsVersusInterpreter),
      row.interpreterVersusCompiled === undefined ? 'not compiled' : String(row.interpreterVersusCompiled),
    ]),
  ]);
}

/** Learned bit widths tensor by tensor, as aligned text. */
export function bitWidthTable(rows: readonly QuantizationRow[]): string {
  return aligned([bitColumns, ...rows.map(bitCells)]);
}

/** Cells in columns, the first one to the left, numbers to the right. */
function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0].map((_, c) => Math.max(...lines.map((line) => line[c].length)));
  return lines
    .map(
      (line) => `  ${line.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  ')}`,
    )
    .join('\n');
}

/** What goes into `report.md`. */
export interface ReportInput {
  readonly record: RunRecord;
  readonly found: Findings;
  readonly pictures: readonly Picture[];
  /** Present once the firmware has been made. */
  readonly firmware?: { readonly made: Firmware; readonly agreement: Agreement; readonly hardware?: Hardware };
}

/** The run as Markdown. */
export function reportMarkdown({ record, found, pictures, firmware }: ReportInput): string {
  const { data, epochs, bestEpoch, seed, trainingSeconds, engine } = record;
  const rows = [
    ...networkRows(found),
    ...(firmware === undefined ? [] : firmwareRows(firmware.made, firmware.agreement)),
    ...(firmware?.hardware === undefined ? [] : hardwareRows(firmware.hardware)),
  ];
  const parts = [
    '# A sparse quantised network and its firmware',
    `Data: ${data.description}. Trained for ${epochs} epochs with seed ${seed} in ${trainingSeconds.toFixed(0)} s (${engine}); the weights of epoch ${bestEpoch} were kept.`,
    markdownTable(['', 'value'], rows),
  ];
  const { warnings = [] } = record;
  if (warnings.length > 0) {
    parts.push('## Warnings while training', warnings.map(({ when, message }) => `- ${when}: ${message}`).join('\n'));
  }
  if (firmware !== undefined) parts.push(...firmwareParts(firmware.made, firmware.agreement));
  parts.push('## Bit widths', markdownTable(bitColumns, found.bits.map(bitCells)));
  for (const { file, caption } of pictures) parts.push(`![${caption}](pictures/${file}.png)`, `*${caption}*`);
  return `${parts.join('\n\n')}\n`;
}

function firmwareParts({ estimate, compilerMessage }: Firmware, { layers, images }: Agreement): string[] {
  const agreement = layers.map((row) => [
    row.layer,
    grouped(row.values),
    String(row.tfjsVersusInterpreter),
    row.interpreterVersusCompiled === undefined ? 'not compiled' : String(row.interpreterVersusCompiled),
  ]);
  const costs = estimate.nodes.map((node) => [
    node.node,
    node.op,
    String(node.latency),
    String(node.interval),
    grouped(node.multipliers),
    grouped(node.lut),
    grouped(node.dsp),
  ]);
  return [
    '## Agreement of the three views',
    `All values of all layers on ${images} test images. \`model/\` computed by tfjs, \`graph.json\` by the interpreter, \`firmware/\` by its compiled C++.`,
    ...(compilerMessage === undefined ? [] : [`Not compiled: ${compilerMessage}`]),
    markdownTable(['layer', 'values', 'tfjs ≠ interpreter', 'interpreter ≠ compiled C++'], agreement),
    '## Estimated cost',
    estimate.note,
    markdownTable(['node', 'op', 'latency / cycles', 'interval / cycles', 'multipliers', 'LUT', 'DSP'], costs),
  ];
}

const bitColumns: readonly string[] = ['layer', 'tensor', 'shape', 'bits: least', 'mean', 'most', 'zeros'];

function bitCells({ layer, role, shape, bits, zeros }: QuantizationRow): readonly string[] {
  return [
    layer,
    role,
    shape.join(' × '),
    String(bits.reduce((least, width) => Math.min(least, width))),
    (bits.reduce((sum, width) => sum + width, 0) / bits.length).toFixed(1),
    String(bits.reduce((most, width) => Math.max(most, width))),
    zeros === undefined ? '' : percent(zeros),
  ];
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
