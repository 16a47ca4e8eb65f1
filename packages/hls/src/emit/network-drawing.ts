import { kernelOf, passesPackets } from '../kernels/registry.ts';
import { planContexts } from '../plan/contexts.ts';
import { printCpp } from '../plan/fixed-type.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';

/** The network as lines of text, top to bottom: what happens, and what comes out of it. */
export function networkDrawing(plan: HlsPlan): string[] {
  const contexts = planContexts(plan);
  const values = contexts.map(({ node, type, id }) => {
    const shape = node.shape.join(' x ') || 'scalar';
    const slots = node.slots === undefined ? '' : `${node.slots} slots of `;
    return { id, text: `${slots}${shape}`, type: printCpp(type) };
  });
  const idWidth = Math.max(...values.map(({ id }) => id.length));
  const textWidth = Math.max(...values.map(({ text }) => text.length));
  const lines: string[] = [];
  contexts.forEach((context, j) => {
    const { node, inputs } = context;
    const { decisions } = plan.nodes[j];
    const whole = plan.settings.ioType === 'io_stream' && inputs.length > 0 && !passesPackets(context, decisions);
    const what = `${kernelOf(node).describe(context, decisions)}${whole ? ', of whole values' : ''}`;
    if (inputs.length > 0) {
      const chained = inputs.length === 1 && inputs[0].id === contexts[j - 1].id;
      const from = chained ? '' : ` of ${inputs.map(({ id }) => id).join(', ')}`;
      lines.push('    |', `    |  ${what}${from}`, '    v');
    } else if (j > 0) {
      lines.push('');
    }
    const { id, text, type } = values[j];
    const end = plan.graph.outputs.includes(node.name) ? '   output' : inputs.length === 0 ? `   ${what}` : '';
    lines.push(`  ${id.padEnd(idWidth)}  ${text.padEnd(textWidth)}  ${type}${end}`);
  });
  return lines;
}
