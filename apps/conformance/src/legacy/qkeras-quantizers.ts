import type { QKerasQuantizer, Quantised } from '@sp/layers/internal';
import { parseQuantizer, printQuantizer, qkerasQuantize, qkerasQuantizer, quantizerLimits } from '@sp/layers/qkeras';
import { seededRandom } from '@sp/quant/numeric';
import { absolute, type Check, missing } from '../parity/compare.ts';
import { asFloats, asList, asNumber, asRow, asRows, asText, type Row } from './fixture.ts';

/** Samples of a random quantizer, as many as upstream took; means may be off by this many standard deviations. */
const [samples, sigmas] = [64, 5];

/** Compares all rows of `qkeras_quantizers.json`; one group per quantizer. */
export async function checkQKerasQuantizers(content: unknown): Promise<readonly Check[]> {
  const random = seededRandom(1);
  return asRows(asRow(content, 'the file')['rows'], 'rows').flatMap((row, index) =>
    checkRow(row, `rows[${index}]`, random),
  );
}

function checkRow(row: Row, where: string, random: () => number): readonly Check[] {
  const text = asText(row['quantizer'], `${where}.quantizer`);
  const group = text.split('(')[0];
  const name = `row ${String(row['id'])}, ${text}`;
  const quantizer = construct(text);
  if (row['error_at'] != null || refusedRightly(row)) {
    return [absolute(group, `${name}: refused`, [quantizer instanceof Error ? 0 : 1], [0], 0)];
  }
  if (quantizer instanceof Error) {
    // A row upstream computes NaN for may be refused.
    if (row['upstream_nan'] === true) return [absolute(group, `${name}: refused or finite`, [0], [0], 0)];
    return [missing(group, `${name}: ${quantizer.message}`)];
  }
  const checks = [checkText(quantizer, group, name, row)];
  const shape = asList(row['shape'], `${where}.shape`).map((extent) => asNumber(extent, `${where}.shape`));
  const x = asFloats(row['x'], `${where}.x`);
  const call = (): Quantised =>
    qkerasQuantize(
      quantizer,
      { x, shape },
      {
        training: !String(row['mode'] ?? '').startsWith('inference'),
        random,
        internalSigmoid: (row['internal_sigmoid'] ?? 'hard') as 'hard' | 'smooth' | 'real',
      },
    );
  const result = call();
  if (row['upstream_nan'] === true) {
    return [...checks, absolute(group, `${name}: finite`, [result.values.every(Number.isFinite) ? 0 : 1], [0], 0)];
  }
  checks.push(...checkLimits(row, quantizer, result, group, name));
  if (row['random'] === true) return [...checks, ...checkLaw(row, call, group, name, where)];
  const loose = isLoose(row, text);
  const skipped = new Set(asList(row['float32_only'] ?? [], `${where}.float32_only`));
  const y = asFloats(row['y'], `${where}.y`);
  const got = Float32Array.from(result.values);
  const kept = (values: Float32Array): Float32Array => values.filter((_, j) => !skipped.has(j));
  const carried = got.map((value, j) => (value === y[j] ? value : carriedThrough(quantizer, x[j], value)));
  checks.push(
    loose
      ? tolerant(group, `${name}: y`, kept(got), kept(y))
      : absolute(group, `${name}: y`, kept(carried), kept(y), 0),
  );
  checks.push(absolute(group, `${name}: dx`, result.slopes, asFloats(row['dx'], `${where}.dx`), 1e-6));
  return [...checks, ...checkScale(row, result, group, name, where)];
}

/** Rows upstream accepts although it should not. */
function refusedRightly(row: Row): boolean {
  return typeof row['right'] === 'string' && row['right'].startsWith('refuse') && row['upstream_nan'] !== true;
}

function construct(text: string): QKerasQuantizer | Error {
  try {
    return parseQuantizer(text);
  } catch (error) {
    return error as Error;
  }
}

/** The string form and upstream's configuration stand for the same quantizer. */
function checkText(quantizer: QKerasQuantizer, group: string, name: string, row: Row): Check {
  const same = (other: QKerasQuantizer): boolean => JSON.stringify(other) === JSON.stringify(quantizer);
  const printed = same(parseQuantizer(printQuantizer(quantizer)));
  const config = row['config'];
  if (config == null) return absolute(group, `${name}: printed and parsed`, [printed ? 0 : 1], [0], 0);
  // Upstream's configurations leave some settings out: those keep the value of the string.
  const settings = asRow(config, 'config') as Parameters<typeof qkerasQuantizer>[1];
  const merged = qkerasQuantizer(quantizer.name, { ...ourSettings(quantizer), ...settings });
  return absolute(
    group,
    `${name}: printed, parsed, and from its configuration`,
    [printed && same(merged) ? 0 : 1],
    [0],
    0,
  );
}

function ourSettings({ name: _, ...settings }: QKerasQuantizer): Record<string, never> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key.replace(/[A-Z]|01/g, (c) => `_${c.toLowerCase()}`), value]),
  ) as Record<string, never>;
}

/** Values that go through exponentials or logarithms, or a scale computed from the data. */
function isLoose(row: Row, text: string): boolean {
  return typeof row['alpha'] === 'string' || /real|ulaw|hswish|qnoise/.test(text) || row['internal_sigmoid'] === 'real';
}

/** Upstream adds the quantisation error to the data in float32; at huge data that loses digits of our exact value. */
function carriedThrough(quantizer: QKerasQuantizer, x: number, value: number): number {
  if (quantizer.name !== 'quantized_relu') return value;
  const through = Math.fround(x < 0 ? x * quantizer.negativeSlope : x);
  return Math.fround(through + Math.fround(value - through));
}

function tolerant(group: string, what: string, actual: Float32Array, expected: Float32Array): Check {
  const excess = actual.map((value, j) => {
    const difference = Math.abs(value - expected[j]);
    return difference <= 2e-6 * Math.abs(expected[j]) + 1e-6 ? 0 : difference;
  });
  return absolute(group, what, excess, new Float32Array(expected.length), 0);
}

function checkLimits(
  row: Row,
  quantizer: QKerasQuantizer,
  { scale }: Quantised,
  group: string,
  name: string,
): readonly Check[] {
  const limits = quantizerLimits(quantizer, scale);
  return (['max', 'min'] as const).map((end) => {
    const [ours, theirs] = [flat(limits[end]), flat(row[end])];
    const loose = row['alpha'] === 'auto';
    if (ours == null || theirs == null) {
      return absolute(group, `${name}: ${end}()`, [ours == null && theirs == null ? 0 : 1], [0], 0);
    }
    return loose
      ? tolerant(group, `${name}: ${end}()`, ours, theirs)
      : absolute(group, `${name}: ${end}()`, ours, theirs, 0);
  });
}

function flat(value: unknown): Float32Array | null {
  if (value == null) return null;
  return Float32Array.from([value].flat(9) as number[]);
}

function checkScale(row: Row, { scale }: Quantised, group: string, name: string, where: string): readonly Check[] {
  const recorded = row['scale'] as Row | null | undefined;
  if (recorded?.['data'] == null) return [];
  if (scale == null) return [missing(group, `${name}: scale`)];
  const shape = asList(recorded['shape'], `${where}.scale.shape`) as number[];
  const data = asFloats(recorded['data'], `${where}.scale.data`);
  const ours = Float32Array.from(scale.values);
  return [
    absolute(group, `${name}: shape of the scale`, scale.shape, shape, 0),
    row['alpha'] === 'auto'
      ? tolerant(group, `${name}: scale`, ours, data)
      : absolute(group, `${name}: scale`, ours, data, 0),
  ];
}

/** A random quantizer: its values, and the mean of many calls. */
function checkLaw(row: Row, call: () => Quantised, group: string, name: string, where: string): readonly Check[] {
  const values = asFloats(row['values'], `${where}.values`);
  const p = asFloats(row['p_one'], `${where}.p_one`);
  const sums = new Float64Array(p.length);
  let strange = 0;
  for (let k = 0; k < samples; k++) {
    const { values: drawn } = call();
    for (let j = 0; j < sums.length; j++) {
      sums[j] += drawn[j];
      if (!values.includes(Math.fround(drawn[j]))) strange++;
    }
  }
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const excess = Array.from(sums, (sum, j) => {
    const sigma = (high - low) * Math.sqrt((p[j] * (1 - p[j])) / samples);
    return Math.max(0, Math.abs(sum / samples - (low + (high - low) * p[j])) - sigmas * sigma - 1e-6);
  });
  return [
    absolute(group, `${name}: values`, [strange], [0], 0),
    absolute(group, `${name}: dx`, call().slopes, asFloats(row['dx'], `${where}.dx`), 1e-6),
    absolute(group, `${name}: means of ${samples} calls beyond ${sigmas} sigma`, excess, new Float32Array(p.length), 0),
  ];
}
