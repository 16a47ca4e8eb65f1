import type { FixedGraph } from '@sp/quant';
import { RtlError } from '../errors.ts';
import type { LayerStrategy, RtlOptions } from './options.ts';

const LAYER_OPTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['hardware', ['shared', 'parallel']],
  ['convArchitecture', ['auto', 'gather', 'pairs']],
]);
const KNOWN = ['interval', 'levelsPerStage', 'clockPeriod', 'part', 'simplify', 'layers'];

/**
 * The options with their defaults.
 *
 * @throws RtlError for an unknown option, an illegal value, or a layer that does not exist
 */
export function checkOptions(graph: FixedGraph, options: RtlOptions): Required<RtlOptions> {
  const unknown = Object.keys(options).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw new RtlError(`unknown option "${unknown}"; options are ${KNOWN.join(', ')}`);
  const {
    interval = 1,
    levelsPerStage = 5,
    clockPeriod = 5,
    part = 'xcu250-figd2104-2L-e',
    simplify = true,
    layers = {},
  } = options;
  whole('interval', interval, 1, 64);
  whole('levelsPerStage', levelsPerStage, 3, 16);
  if (!(Number.isFinite(clockPeriod) && clockPeriod > 0)) {
    throw new RtlError(`clockPeriod is ${clockPeriod}; give nanoseconds above 0`);
  }
  if (typeof part !== 'string' || part === '') throw new RtlError('part is empty; name a device');
  if (typeof simplify !== 'boolean') throw new RtlError(`simplify is ${simplify}; use true or false`);
  for (const [name, strategy] of Object.entries(layers)) checkLayer(graph, name, strategy);
  return { interval, levelsPerStage, clockPeriod, part, simplify, layers };
}

function checkLayer(graph: FixedGraph, name: string, strategy: LayerStrategy): void {
  if (!graph.nodes.some((node) => node.name === name)) {
    throw new RtlError(`layers: "${name}" is no node; nodes are ${graph.nodes.map((node) => node.name).join(', ')}`);
  }
  for (const [key, value] of Object.entries(strategy)) {
    const legal = LAYER_OPTIONS.get(key);
    if (legal === undefined) {
      throw new RtlError(
        `layers: "${name}" has unknown option "${key}"; use ${[...LAYER_OPTIONS.keys()].join(' or ')}`,
      );
    }
    if (value !== undefined && !legal.includes(value)) {
      throw new RtlError(`layers: ${key} of "${name}" is "${value}"; use ${legal.join(' or ')}`);
    }
  }
}

function whole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RtlError(`${name} is ${value}; use a whole number from ${least} to ${most}`);
  }
}
