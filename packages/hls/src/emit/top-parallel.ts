import { type KernelCode, type NodeContext, valueName } from '../kernels/kernel.ts';
import { kernelOf } from '../kernels/registry.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';
import { comment } from './comment.ts';
import { declaration, elementsOf, partition, portsOf, readersOf, scopeOf, unread } from './names.ts';

/** Body of the top function with whole values between the kernels. */
export function parallelBody(plan: HlsPlan, contexts: readonly NodeContext[], codes: readonly KernelCode[]): string[] {
  const ports = portsOf(plan, contexts);
  const dataflow = plan.settings.pipelineStyle === 'dataflow';
  const lines: string[] = [];
  const say = (text = '') => lines.push(text);

  for (const { context, name, output } of ports) {
    if (context.node.slots !== undefined) {
      say(`SP_VITIS(DISAGGREGATE variable=${name})`);
      say(`SP_LIST(${name})`);
      continue;
    }
    say(`SP_HLS(INTERFACE ap_vld port=${name})`);
    say(`SP_HLS(${output ? 'ARRAY_PARTITION' : 'ARRAY_RESHAPE'} variable=${name} complete dim=0)`);
  }
  say(dataflow ? 'SP_HLS(DATAFLOW)' : 'SP_HLS(PIPELINE)');

  const declare = (context: NodeContext, name: string) => {
    say(`${declaration(context, name, scopeOf(plan))};`);
    say(partition(context, name));
  };
  const size = (context: NodeContext) => (context.node.slots === undefined ? `<${elementsOf(context)}>` : '');
  const readers = readersOf(plan, contexts);
  const taken = new Map<string, number>();
  // In a dataflow region every value has one reader: the k-th reader of a shared value takes its k-th copy.
  const read = (context: NodeContext): string => {
    const { id } = context;
    if (!dataflow || (readers.get(id) ?? 0) < 2) return valueName(context);
    const k = (taken.get(id) ?? 0) + 1;
    taken.set(id, k);
    return `${id}_copy${k}`;
  };
  const share = (context: NodeContext) => {
    const { id } = context;
    const count = dataflow ? (readers.get(id) ?? 0) : 0;
    let rest = id;
    for (let k = 1; k < count; k++) {
      const last = k === count - 1;
      const next = last ? `${id}_copy${k + 1}` : `${id}_rest${k}`;
      declare(context, `${id}_copy${k}`);
      declare(context, next);
      say(`sp::fork${size(context)}(${rest}, ${id}_copy${k}, ${next});`);
      rest = next;
    }
  };

  contexts.forEach((context, j) => {
    const { node, id, inputs } = context;
    if (node.op !== 'input' && node.op !== 'constant') {
      say();
      say(comment(`${node.name}: ${kernelOf(node).describe(context, plan.nodes[j].decisions)}`));
      if (!ports.some(({ name }) => name === id)) declare(context, id);
      codes[j].call(inputs.map(read), id).forEach(say);
    }
    say(`SP_TRACE(${valueName(context)})`);
    share(context);
    if (node.op === 'input' && unread(context, ports, readers)) say(`(void)${id};  // nothing reads it`);
  });
  for (const { context, name, output } of ports) {
    if (output && name !== context.id) say(`sp::copy${size(context)}(${read(context)}, ${name});`);
  }
  return lines;
}
