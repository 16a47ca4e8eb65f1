import { legacyTypes } from '@sp/layers/hgq1';
import type { LegacyTypesRow } from '@sp/layers/internal';
import type { FixedGraph } from '@sp/quant';
import { absolute, type Check, missing } from '../parity/compare.ts';

/** Names that Keras gives by itself: there is nothing to find their layers by. */
const automatic = /^(input|re_lu|activation|fixed_point_quantizer)(_\d+)?$/;

/**
 * Compares recorded type strings with ours: by name where layers have one, all others together. Functions by table are
 * left out, since here table and quantizer are one, and so are models with QKeras' average pooling, which upstream's proxy
 * makes an ordinary one.
 *
 * @param recorded the `overrides` of quantizers, as Python prints them
 */
export function checkLegacyTypes(
  graph: FixedGraph,
  recorded: readonly string[],
  group: string,
  what: string,
): readonly Check[] {
  const entries = recorded.flatMap((text) =>
    [...text.matchAll(/'([^']+)': (?:DictWrapper\()?\{([^{}]*)\}/g)].map(([, name, inner]) => ({ name, inner })),
  );
  if (graph.nodes.some(({ name, layer }) => name === `${layer}.sum`)) return [];
  if (entries.length === 0) return [missing(group, `${what}: no type strings`)];
  const rows = legacyTypes(graph);
  const luts = new Set(graph.nodes.flatMap(({ op, layer }) => (op === 'lut' ? [layer] : [])));
  // TensorFlow's float32 tanh is 1 from 7.9 on, which takes an integer bit that the number below 1 does not.
  const carries = graph.nodes.some((node) => node.op === 'lut' && node.expression === 'tanh(x)');
  const taken = new Set<LegacyTypesRow>();
  const checks: Check[] = [];
  for (const { name, inner } of entries.filter(({ name }) => !automatic.test(name))) {
    const row = rows.find((candidate) => namesOf(candidate).includes(name) && !taken.has(candidate));
    const isTable = inner.includes('table_t') && luts.has(name);
    const isGone = !graph.nodes.some(({ layer }) => layer != null && name.startsWith(layer));
    if (isTable || isGone) continue;
    if (row == null) {
      checks.push(missing(group, `${what}: types of ${name}`));
      continue;
    }
    taken.add(row);
    const [ours, theirs] = [typesOf(row), settingsOf(inner)];
    const equal = carries && oneBitMore(ours) === theirs;
    checks.push(same(group, `${what}: types of ${name}`, equal ? theirs : ours, theirs));
  }
  const rest = rows.filter((row) => !taken.has(row) && (row.part !== 'layer' || luts.has(row.layer)));
  const unnamed = entries.filter(({ name }) => automatic.test(name));
  const found = rest.map(({ result }) => result).sort();
  const wanted = unnamed.map(({ inner }) => /'result_t': '([^']*)'/.exec(inner)?.[1] ?? '').sort();
  return [...checks, same(group, `${what}: types of unnamed layers`, found.join(' '), wanted.join(' '))];
}

function namesOf({ layer, part }: LegacyTypesRow): readonly string[] {
  if (part === 'layer' || part === 'relu') return [layer];
  // A quantizer of its own has the layer's name.
  return part === 'input' ? [] : part === 'quantizer' ? [`${layer}_quantizer`, layer] : [`${layer}_relu_quantizer`];
}

function typesOf({ result, weight, accum, bias }: LegacyTypesRow): string {
  const own = weight == null ? {} : { weight_t: weight, accum_t: accum, bias_t: bias };
  return Object.entries({ ...own, result_t: result })
    .map(([key, type]) => `${key} ${type}`)
    .sort()
    .join(', ');
}

/** With one more integer bit in all types but the weights' and those of a quantizer behind a sum. */
function oneBitMore(types: string): string {
  return types
    .split(', ')
    .map((entry) =>
      /^weight_t|SAT/.test(entry)
        ? entry
        : entry.replace(/<(\d+),(-?\d+)/, (_, b: string, i: string) => `<${Number(b) + 1},${Number(i) + 1}`),
    )
    .join(', ');
}

function settingsOf(inner: string): string {
  return [...inner.matchAll(/'(\w+_t)': '([^']*)'/g)]
    .filter(([, key]) => key !== 'table_t')
    .map(([, key, type]) => `${key} ${type}`)
    .sort()
    .join(', ');
}

function same(group: string, what: string, ours: string, recorded: string): Check {
  const text = ours === recorded ? what : `${what}: ${ours}; recorded ${recorded}`;
  return absolute(group, text, [ours === recorded ? 0 : 1], [0], 0);
}
