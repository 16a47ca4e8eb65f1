import { type KernelCode, type NodeContext, packetsOf, valueName } from '../kernels/kernel.ts';
import { kernelOf } from '../kernels/registry.ts';
import type { HlsPlan } from '../plan/plan.ts';
import { comment } from './comment.ts';
import { declaration, namespaceOf, partition, portsOf, readersOf, receiveCall, sendCall, unread } from './names.ts';

/** Body of the top function with streams between the kernels. */
export function streamBody(plan: HlsPlan, contexts: readonly NodeContext[], codes: readonly KernelCode[]): string[] {
  const ports = portsOf(plan, contexts);
  const lines: string[] = [];
  const say = (text = '') => lines.push(text);
  for (const { name } of ports) {
    say(`SP_HLS(INTERFACE axis port=${name})`);
    say(`SP_VIVADO(DATA_PACK variable=${name})`);
  }
  say('SP_HLS(DATAFLOW)');

  const declare = (context: NodeContext, name: string) => {
    say(`sp::stream<${context.id}_packet> ${name};`);
    say(`SP_HLS(STREAM variable=${name} depth=${packetsOf(context)})`);
    say(`SP_VIVADO(DATA_PACK variable=${name})`);
  };
  const readers = readersOf(plan, contexts);
  const taken = new Map<string, number>();
  // A stream is read once: the k-th reader of a shared value takes its k-th copy.
  const read = (context: NodeContext): string => {
    const { id } = context;
    if ((readers.get(id) ?? 0) < 2) return valueName(context);
    const k = (taken.get(id) ?? 0) + 1;
    taken.set(id, k);
    return `${id}_copy${k}`;
  };
  const share = (context: NodeContext) => {
    const { id } = context;
    const count = readers.get(id) ?? 0;
    let rest = id;
    for (let k = 1; k < count; k++) {
      const next = k === count - 1 ? `${id}_copy${k + 1}` : `${id}_rest${k}`;
      declare(context, `${id}_copy${k}`);
      declare(context, next);
      say(`sp::fork<${packetsOf(context)}>(${rest}, ${id}_copy${k}, ${next});`);
      rest = next;
    }
  };

  contexts.forEach((context, j) => {
    const { node, id, inputs } = context;
    if (node.op !== 'input' && node.op !== 'constant') {
      say();
      say(comment(`${node.name}: ${kernelOf(node).describe(context, plan.nodes[j].decisions)}`));
      if (!ports.some(({ name }) => name === id)) declare(context, id);
      const streamed = streamCall(context, codes[j]);
      if (streamed !== undefined) streamed(inputs.map(read), id).forEach(say);
      else say(`${id}_stage(${[...inputs.filter(passed).map(read), id].join(', ')});`);
    }
    say(`SP_TRACE(${valueName(context)})`);
    share(context);
    if (unread(context, ports, readers)) {
      // A full stream would stop its writer. The simplifications of a graph leave out such nodes.
      say(`sp::drain<${packetsOf(context)}>(${id});  // nothing reads it`);
    }
  });
  for (const { context, name, output } of ports) {
    if (!output || name === context.id) continue;
    const pass = passed(context) ? 'forward' : 'send_constant';
    say(`sp::${pass}<${packetsOf(context)}>(${read(context)}, ${name});`);
  }
  return lines;
}

/** Functions for the nodes whose kernels want whole values: receive, compute, send. */
export function stageFunctions(
  plan: HlsPlan,
  contexts: readonly NodeContext[],
  codes: readonly KernelCode[],
): string[] {
  const lines = contexts.flatMap((context, j) => {
    const { node, id, inputs } = context;
    if (node.op === 'input' || node.op === 'constant' || streamCall(context, codes[j]) !== undefined) return [];
    // The same value may come in twice, as two streams.
    const operands = inputs.map((input, k) => ({ input, name: passed(input) ? `x${k}` : valueName(input) }));
    const sources = operands.filter(({ input }) => passed(input));
    const parameters = [
      ...sources.map(({ input, name }) => `sp::stream<${input.id}_packet> &${name}_stream`),
      `sp::stream<${id}_packet> &y_stream`,
    ];
    const local = (of: NodeContext, name: string) => [`  ${declaration(of, name)};`, `  ${partition(of, name)}`];
    return [
      comment(node.name),
      `static void ${id}_stage(${parameters.join(', ')}) {`,
      ...sources.flatMap(({ input, name }) => local(input, name)),
      ...local(context, 'y'),
      ...sources.map(({ input, name }) => `  ${receiveCall(input, `${name}_stream`, name)}`),
      ...codes[j]
        .call(
          operands.map(({ name }) => name),
          'y',
        )
        .map((line) => `  ${line}`),
      `  ${sendCall(context, 'y', 'y_stream')}`,
      '}',
      '',
    ];
  });
  return lines.length === 0
    ? []
    : [`namespace ${namespaceOf(plan)} {`, '', ...lines, `}  // namespace ${namespaceOf(plan)}`, ''];
}

/** How a node computes while its inputs arrive; a constant does not arrive. */
function streamCall({ inputs }: NodeContext, code: KernelCode): KernelCode['stream'] {
  return inputs.every(passed) ? code.stream : undefined;
}

/** Constants are arrays that every stage can see; everything else passes as a stream. */
function passed({ node }: NodeContext): boolean {
  return node.op !== 'constant';
}
