import { isConstant, type KernelCode, type NodeContext, valueName } from '../kernels/kernel.ts';
import { kernelOf, passesPackets } from '../kernels/registry.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';
import { comment } from './comment.ts';
import { declaration, namespaceOf, partition, portsOf, receiveCall, sendCall } from './names.ts';
import { type InnerStream, type StreamProcess, streamDepths, streamRegion } from './stream-processes.ts';

/** Body of the top function with streams between the kernels. */
export function streamBody(plan: HlsPlan, contexts: readonly NodeContext[], codes: readonly KernelCode[]): string[] {
  const region = streamRegion(plan, contexts, codes);
  const depths = streamDepths(region);
  const declare = ({ name, context }: InnerStream) => [
    `sp::stream<${context.id}_packet> ${name};`,
    `SP_DEPTH(${name}, ${depths.get(name)})`,
  ];
  const start = ({ call }: StreamProcess) => `SP_PROCESS(${call})`;
  const lines = portsOf(plan, contexts).flatMap(({ name }) => [
    `SP_HLS(INTERFACE axis port=${name})`,
    `SP_VIVADO(DATA_PACK variable=${name})`,
  ]);
  lines.push('SP_HLS(DATAFLOW)');
  region.nodes.forEach(({ context, process, streams, after }, j) => {
    const { node, id } = context;
    if (process !== undefined) {
      lines.push('', comment(`${node.name}: ${kernelOf(node).describe(context, plan.nodes[j].decisions)}`));
      lines.push(...streams.filter(({ name }) => name === id).flatMap(declare), start(process));
    }
    lines.push(`SP_TRACE(${valueName(context)})`);
    lines.push(...streams.filter(({ name }) => name !== id).flatMap(declare));
    lines.push(...after.map((one) => `${start(one)}${one.writes.length === 0 ? '  // nothing reads it' : ''}`));
  });
  lines.push(...region.last.map(start), 'SP_FINISH');
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
    if (node.op === 'input' || isConstant(context) || passesPackets(context, plan.nodes[j].decisions)) return [];
    // The same value may come in twice, as two streams.
    const operands = inputs.map((input, k) => ({ input, name: isConstant(input) ? valueName(input) : `x${k}` }));
    const sources = operands.filter(({ input }) => !isConstant(input));
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
