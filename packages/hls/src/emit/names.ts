/** How a plan's values and ports are called and declared in C++. */

import { bitLength } from '@sp/quant/numeric';
import { type NodeContext, packetsOf } from '../kernels/kernel.ts';
import { printCpp } from '../plan/fixed-type.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';

/** Namespace of a project's types and constants; the top function stands outside. */
export function namespaceOf(plan: Pick<HlsPlan, 'name'>): string {
  return `${plan.name}_firmware`;
}

/** Number of elements of a tensor. */
export function elementsOf({ node }: NodeContext): number {
  return node.shape.reduce((product, size) => product * size, 1);
}

/** The C++ type behind `<id>_t`: of one number of a tensor, or of a whole list. */
export function valueType({ node, type }: NodeContext): string {
  if (node.slots === undefined) return printCpp(type);
  const [height, width, channels] = node.shape;
  const bits = (size: number) => Math.max(1, bitLength(size - 1));
  return `sp::sparse_list<${node.slots}, ${channels}, ${printCpp(type)}, ${bits(height)}, ${bits(width)}>`;
}

/** The C++ type behind `<id>_packet`: what passes in one clock when the value is a stream. */
export function packetType(context: NodeContext): string {
  const { node, id } = context;
  if (node.slots !== undefined) return `sp::slot_packet<${id}_t>`;
  return `sp::packet<${id}_t, ${elementsOf(context) / packetsOf(context)}>`;
}

/** Declares a variable or parameter holding a whole value. Outside of the project's namespace, `scope` says where the type is. */
export function declaration(context: NodeContext, name: string, scope = ''): string {
  const size = context.node.slots === undefined ? `[${elementsOf(context)}]` : '';
  return `${scope}${context.id}_t ${name}${size}`;
}

/** The line after a declaration by which all numbers of a value can be reached at once. */
export function partition(context: NodeContext, name: string): string {
  return context.node.slots === undefined
    ? `SP_HLS(ARRAY_PARTITION variable=${name} complete dim=0)`
    : `SP_LIST(${name})`;
}

/** The project's namespace in front of a type: a `using` directive would leave `size_t` ambiguous. */
export function scopeOf(plan: Pick<HlsPlan, 'name'>): string {
  return `${namespaceOf(plan)}::`;
}

/** The statement that takes a whole value from a stream. */
export function receiveCall(context: NodeContext, stream: string, name: string): string {
  return `sp::receive${counted(context)}(${stream}, ${name});`;
}

/** The statement that gives a whole value to a stream. */
export function sendCall(context: NodeContext, name: string, stream: string): string {
  return `sp::send${counted(context)}(${name}, ${stream});`;
}

function counted(context: NodeContext): string {
  return context.node.slots === undefined ? `<${packetsOf(context)}>` : '';
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
    ...outputs.map((context) => ({ context, name: direct(context) ? context.id : `${context.id}_port`, output: true })),
  ];
}

/** The declaration of the top function, without semicolon. */
export function signature(plan: HlsPlan, ports: readonly Port[]): string {
  const scope = scopeOf(plan);
  const parameters = ports.map(({ context, name, output }) => {
    if (plan.settings.ioType === 'io_stream') return `sp::stream<${scope}${context.id}_packet> &${name}`;
    const list = context.node.slots !== undefined;
    return `${output ? '' : 'const '}${declaration(context, `${list ? '&' : ''}${name}`, scope)}`;
  });
  return `void ${plan.name}(${parameters.join(', ')})`;
}

/** Lines that open and close a header file. */
export function guard(plan: HlsPlan, file: string): [string, string] {
  const word = `${plan.name}_${file}`.toUpperCase().replaceAll(/\W/g, '_');
  return [`#ifndef ${word}\n#define ${word}\n`, '#endif\n'];
}

/**
 * Readers of every value in a dataflow region, where each may have only one: nodes that take it and ports that it is copied to. Constants are not passed on.
 */
export function readersOf(plan: HlsPlan, contexts: readonly NodeContext[]): Map<string, number> {
  const readers = new Map<string, number>();
  const add = ({ id, node }: NodeContext) => {
    if (node.op !== 'constant') readers.set(id, (readers.get(id) ?? 0) + 1);
  };
  for (const { inputs } of contexts) for (const input of inputs) add(input);
  for (const { context, output, name } of portsOf(plan, contexts)) if (output && name !== context.id) add(context);
  return readers;
}

/** Whether nothing takes a value: no node, and no port. Constants need no reader. */
export function unread(
  { node, id }: NodeContext,
  ports: readonly Port[],
  readers: ReadonlyMap<string, number>,
): boolean {
  return node.op !== 'constant' && !readers.has(id) && !ports.some(({ name, output }) => output && name === id);
}

/** Statements that run the top function once on whole values named like its ports, in the project's namespace. */
export function runLines(plan: HlsPlan, ports: readonly Port[]): string[] {
  if (plan.settings.ioType === 'io_parallel') return [`${plan.name}(${ports.map(({ name }) => name).join(', ')});`];
  const stream = (name: string) => `${name}_stream`;
  return [
    ...ports.map(({ context, name }) => `static sp::stream<${context.id}_packet> ${stream(name)};`),
    ...ports.filter(({ output }) => !output).map(({ context, name }) => sendCall(context, name, stream(name))),
    `${plan.name}(${ports.map(({ name }) => stream(name)).join(', ')});`,
    ...ports.filter(({ output }) => output).map(({ context, name }) => receiveCall(context, stream(name), name)),
  ];
}
