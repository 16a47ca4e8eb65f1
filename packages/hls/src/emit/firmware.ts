import type { ConstantArray, KernelCode, NodeContext, WrittenFunction } from '../kernels/kernel.ts';
import { kernelOf } from '../kernels/registry.ts';
import { bitLength, printCpp } from '../plan/fixed-type.ts';
import { type HlsPlan, planContexts } from '../plan/plan.ts';
import { networkDrawing } from './network-drawing.ts';

/** Files of `firmware/` besides the kernels, by path within it. */
export function firmwareFiles(plan: HlsPlan): Map<string, string> {
  const contexts = planContexts(plan);
  const codes = contexts.map((context, j) => kernelOf(context.node).emit(context, plan.nodes[j].decisions));
  const constants = codes.flatMap((code) => code.constants ?? []);
  const functions = codes.flatMap((code) => code.functions ?? []);
  const files = new Map([
    ['defines.h', definesFile(plan, contexts)],
    ['parameters.h', parametersFile(plan, codes)],
    [`${plan.name}.h`, topHeader(plan, contexts)],
    [`${plan.name}.cpp`, topSource(plan, contexts, codes)],
  ]);
  for (const array of constants) files.set(`weights/${array.id}.h`, constantFile(plan, array));
  for (const written of functions) files.set(`functions/${written.id}.h`, functionFile(plan, written));
  return files;
}

/** Kernel headers that the nodes of a plan call. */
export function kernelHeaders(plan: HlsPlan): string[] {
  const headers = planContexts(plan).map(
    (context, j) => kernelOf(context.node).emit(context, plan.nodes[j].decisions).header,
  );
  return ['sp_elementwise.h', ...new Set(headers.filter((header) => header !== undefined))];
}

/** Namespace of a project's types and constants; the top function stands outside. */
export function namespaceOf(plan: Pick<HlsPlan, 'name'>): string {
  return `${plan.name}_firmware`;
}

/** `width` in bits and so on of a value, as a C++ type. */
function valueType({ node, type }: NodeContext): string {
  if (node.slots === undefined) return printCpp(type);
  const [height, width, channels] = node.shape;
  const bits = (size: number) => Math.max(1, bitLength(size - 1));
  return `sp::sparse_list<${node.slots}, ${channels}, ${printCpp(type)}, ${bits(height)}, ${bits(width)}>`;
}

function sizeOf({ node }: NodeContext): number {
  return node.shape.reduce((product, size) => product * size, 1);
}

/** Declares a variable or parameter holding a value. */
export function declaration(context: NodeContext, name: string): string {
  return context.node.slots === undefined ? `${context.id}_t ${name}[${sizeOf(context)}]` : `${context.id}_t ${name}`;
}

function guard(plan: HlsPlan, file: string): [string, string] {
  const word = `${plan.name}_${file}`.toUpperCase().replaceAll(/\W/g, '_');
  return [`#ifndef ${word}\n#define ${word}\n`, '#endif\n'];
}

function definesFile(plan: HlsPlan, contexts: readonly NodeContext[]): string {
  const [open, close] = guard(plan, 'defines.h');
  const typedefs = contexts.map((context) => `typedef ${valueType(context)} ${context.id}_t;`);
  const width = Math.max(...typedefs.map(({ length }) => length));
  const commented = contexts.map(({ node }, j) => {
    const divisor = node.divisor === undefined ? '' : `, stands for itself / ${node.divisor}`;
    return `${typedefs[j].padEnd(width)}  // [${node.shape.join(', ')}]${divisor}`;
  });
  return [
    '// Types of the values between the layers. A tensor is an array of its type, row-major; a sparse list is one object.',
    open,
    '#include "sp/sp_list.h"\n',
    `namespace ${namespaceOf(plan)} {\n`,
    ...commented,
    `\n}  // namespace ${namespaceOf(plan)}\n`,
    close,
  ].join('\n');
}

function parametersFile(plan: HlsPlan, codes: readonly KernelCode[]): string {
  const [open, close] = guard(plan, 'parameters.h');
  // sp_elementwise.h also has the copies that a dataflow region needs.
  const headers = [...new Set(['sp_elementwise.h', ...codes.flatMap((code) => code.header ?? [])])].sort();
  return [
    '// Constants of the layers and how each kernel is built.',
    open,
    '#include "defines.h"',
    ...headers.map((header) => `#include "sp/${header}"`),
    ...codes.flatMap(({ constants }) => constants ?? []).map(({ id }) => `#include "weights/${id}.h"`),
    ...codes.flatMap(({ functions }) => functions ?? []).map(({ id }) => `#include "functions/${id}.h"`),
    '',
    `namespace ${namespaceOf(plan)} {\n`,
    ...codes.filter(({ config }) => config !== undefined).map(({ config }) => `${config?.join('\n')}\n`),
    `}  // namespace ${namespaceOf(plan)}\n`,
    close,
  ].join('\n');
}

function constantFile(plan: HlsPlan, { id, type, note, values }: ConstantArray): string {
  const [open, close] = guard(plan, `${id}.h`);
  const lines: string[] = [];
  let line = '   ';
  for (const value of values) {
    if (line.length + value.length > 116) {
      lines.push(line);
      line = '   ';
    }
    line += ` ${value},`;
  }
  lines.push(line);
  return [
    `// ${note}`,
    open,
    '#include "../defines.h"\n',
    `namespace ${namespaceOf(plan)} {\n`,
    `static const ${type} ${id}[${values.length}] = {`,
    ...lines,
    '};\n',
    `}  // namespace ${namespaceOf(plan)}\n`,
    close,
  ].join('\n');
}

function functionFile(plan: HlsPlan, { id, note, uses, lines }: WrittenFunction): string {
  const [open, close] = guard(plan, `${id}.h`);
  return [
    `// ${note}`,
    open,
    '#include "../defines.h"',
    ...uses.map((constant) => `#include "../weights/${constant}.h"`),
    `\nnamespace ${namespaceOf(plan)} {\n`,
    ...lines,
    `\n}  // namespace ${namespaceOf(plan)}\n`,
    close,
  ].join('\n');
}

/** Ports of the top function: inputs, then outputs. */
export interface Port {
  readonly context: NodeContext;
  readonly name: string;
  readonly output: boolean;
}

/** The ports of a plan. An output whose value is read nowhere else is computed in its port; others are copied to one of their own. */
export function portsOf(plan: HlsPlan, contexts: readonly NodeContext[]): Port[] {
  const inputs = contexts.filter(({ node }) => node.op === 'input');
  const outputs = plan.graph.outputs.map((name) => contexts.find(({ node }) => node.name === name) as NodeContext);
  const read = new Set(contexts.flatMap((context) => context.inputs.map(({ id }) => id)));
  const direct = ({ node, id }: NodeContext) => node.op !== 'input' && node.op !== 'constant' && !read.has(id);
  return [
    ...inputs.map((context) => ({ context, name: context.id, output: false })),
    ...outputs.map((context) => ({ context, name: direct(context) ? context.id : `${context.id}_out`, output: true })),
  ];
}

function signature(plan: HlsPlan, ports: readonly Port[]): string {
  const scope = `${namespaceOf(plan)}::`;
  const parameters = ports.map(({ context, name, output }) => {
    const list = context.node.slots !== undefined;
    return `${output ? '' : 'const '}${scope}${declaration(context, `${list ? '&' : ''}${name}`)}`;
  });
  return `void ${plan.name}(${parameters.join(', ')})`;
}

function topHeader(plan: HlsPlan, contexts: readonly NodeContext[]): string {
  const [open, close] = guard(plan, `${plan.name}.h`);
  return [open, '#include "defines.h"\n', `${signature(plan, portsOf(plan, contexts))};\n`, close].join('\n');
}

function topSource(plan: HlsPlan, contexts: readonly NodeContext[], codes: readonly KernelCode[]): string {
  const ports = portsOf(plan, contexts);
  const body: string[] = [];
  const say = (text = '') => body.push(text === '' ? '' : `  ${text}`);

  for (const { context, name, output } of ports) {
    if (context.node.slots === undefined) {
      say(`SP_HLS(INTERFACE ap_vld port=${name})`);
      say(`SP_HLS(${output ? 'ARRAY_PARTITION' : 'ARRAY_RESHAPE'} variable=${name} complete dim=0)`);
    }
  }
  say(plan.settings.pipelineStyle === 'dataflow' ? 'SP_HLS(DATAFLOW)' : 'SP_HLS(PIPELINE)');

  const copies = copiesOf(plan, contexts);
  const taken = new Map<string, number>();
  // In a dataflow region every value has one reader: the k-th reader of a shared value takes its k-th copy.
  const read = ({ id }: NodeContext): string => {
    const count = copies.get(id) ?? 0;
    if (count === 0) return id;
    const k = taken.get(id) ?? 0;
    taken.set(id, k + 1);
    return `${id}_copy${k + 1}`;
  };
  const declare = (context: NodeContext, name: string) => {
    say(`${declaration(context, name)};`);
    if (context.node.slots === undefined) say(`SP_HLS(ARRAY_PARTITION variable=${name} complete dim=0)`);
  };
  const copy = (context: NodeContext, from: string, to: string) =>
    say(
      context.node.slots === undefined ? `sp::copy<${sizeOf(context)}>(${from}, ${to});` : `sp::copy(${from}, ${to});`,
    );

  contexts.forEach((context, j) => {
    const { node, id, inputs } = context;
    const kernel = kernelOf(node);
    if (node.op !== 'input' && node.op !== 'constant') {
      say();
      say(`// ${node.name}: ${kernel.describe(context, plan.nodes[j].decisions)}`);
      if (!ports.some(({ name }) => name === id)) declare(context, id);
      codes[j].call(inputs.map(read), id).forEach(say);
    }
    say(`SP_TRACE(${id})`);
    for (let k = 1; k <= (copies.get(id) ?? 0); k++) {
      declare(context, `${id}_copy${k}`);
      copy(context, id, `${id}_copy${k}`);
    }
  });
  for (const { context, name, output } of ports) {
    if (output && name !== context.id) copy(context, read(context), name);
  }

  return [
    ...networkDrawing(plan).map((line) => `// ${line}`.trimEnd()),
    '',
    `#include "${plan.name}.h"`,
    '#include "parameters.h"',
    '',
    '// Simulation can look at every value; hardware has nothing here.',
    '#ifndef SP_TRACE',
    '#define SP_TRACE(value)',
    '#endif',
    '',
    `${signature(plan, ports)} {`,
    `  using namespace ${namespaceOf(plan)};`,
    ...body,
    '}',
    '',
  ].join('\n');
}

/** How many copies of each value a dataflow region needs: one per reader as soon as there are two. */
function copiesOf(plan: HlsPlan, contexts: readonly NodeContext[]): Map<string, number> {
  const readers = new Map<string, number>();
  if (plan.settings.pipelineStyle !== 'dataflow') return readers;
  const add = (id: string) => readers.set(id, (readers.get(id) ?? 0) + 1);
  for (const { inputs } of contexts) for (const input of inputs) if (input.node.op !== 'constant') add(input.id);
  for (const { context, output } of portsOf(plan, contexts))
    if (output && context.node.op !== 'constant') add(context.id);
  for (const [id, count] of readers) if (count < 2) readers.delete(id);
  return readers;
}
