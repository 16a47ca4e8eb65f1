import { formatWidth, sizeOf } from '@sp/quant';
import { type NodeContext, packetsOf } from '../kernels/kernel.ts';
import { kernelOf } from '../kernels/registry.ts';
import { type HlsPlan, planContexts } from '../plan/plan.ts';

/** Something that the synthesis tool will refuse or take very long for. */
export interface Finding {
  readonly node: string;
  /** `error`: the tool refuses it. `warning`: expect hours, or more area than meant. */
  readonly severity: 'error' | 'warning';
  /** What exceeds which limit. */
  readonly what: string;
  readonly remedy: string;
}

/** Limits of the tools that users run into (`hls4ml §4.1`, `§4.2`). */
const LIMITS = {
  /** Elements of a completely partitioned array (`config_array_partition -maximum_size` of the emitted script). */
  partition: 4096,
  /** Bits of a reshaped array. */
  word: 65536,
  /** Bits of a packet of a stream. */
  packet: 4096,
  /** Products unrolled in one process. */
  products: 16384,
  /** Entries of a function table that is read many times in a clock. */
  table: 4096,
};

/**
 * Checks a plan against limits of the synthesis tools, before hours are spent in them.
 *
 * @returns what was found, empty if nothing
 */
export function checkPlan(plan: HlsPlan): Finding[] {
  return planContexts(plan).flatMap((context, j) => {
    const { node, type } = context;
    const found: Finding[] = [];
    const say = (severity: Finding['severity'], what: string, remedy: string) =>
      found.push({ node: node.name, severity, what, remedy });

    const elements = node.slots === undefined ? sizeOf(node.shape) : node.slots * node.shape[2];
    if (elements > LIMITS.partition) {
      say(
        'error',
        `${elements} elements in one array, more than the ${LIMITS.partition} that can be partitioned`,
        smallerValue(context),
      );
    }
    const bits = elements * type.width;
    if (node.op === 'input' && plan.settings.ioType === 'io_parallel' && bits > LIMITS.word) {
      say('error', `an input word of ${bits} bits, more than ${LIMITS.word}`, 'use narrower inputs or a smaller image');
    }

    const packet = (elements / packetsOf(context)) * type.width;
    if (plan.settings.ioType === 'io_stream' && packet > LIMITS.packet) {
      say(
        'error',
        `a packet of ${packet} bits, more than ${LIMITS.packet}`,
        'use narrower types or fewer channels, or io_parallel',
      );
    }

    const { decisions } = plan.nodes[j];
    if ('kernel' in node && decisions['strategy'] === 'latency' && node.kernel.codes.length > LIMITS.partition) {
      say(
        'error',
        `${node.kernel.codes.length} weights in one array, more than the ${LIMITS.partition} that can be partitioned`,
        'use strategy resource with a reuse factor, or distributed_arithmetic, or split the layer',
      );
    }
    const { multipliers } = kernelOf(node).cost(context, decisions);
    if (multipliers > LIMITS.products) {
      say(
        'warning',
        `${multipliers} products unrolled in one process (more than ${LIMITS.products} take hours)`,
        kernelOf(node).options.includes('reuseFactor')
          ? 'use a larger reuseFactor or fewer pixels at once'
          : 'compute fewer slots, filters or results at once',
      );
    }
    if (node.op === 'lut') {
      const widest = Math.max(...node.tables.map(({ from }) => Math.max(0, formatWidth(from))));
      if (2 ** widest > LIMITS.table && elements > 2) {
        say(
          'warning',
          `a table of ${2 ** widest} entries read ${elements} times in a clock is built ${Math.ceil(elements / 2)} times`,
          'requantize its input to fewer bits',
        );
      }
    }
    return found;
  });
}

function smallerValue({ node }: NodeContext): string {
  return node.slots === undefined
    ? 'use a smaller image, or reduce it to a sparse list earlier'
    : 'use fewer slots or channels';
}
