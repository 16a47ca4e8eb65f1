import { FirmwareError } from '../errors.ts';
import type { ConstantArray, KernelCode, NodeContext, WrittenFunction } from '../kernels/kernel.ts';
import { kernelOf } from '../kernels/registry.ts';
import { planContexts } from '../plan/contexts.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';
import { comment } from './comment.ts';
import { guard, namespaceOf, packetType, portsOf, signature, valueType } from './names.ts';
import { networkDrawing } from './network-drawing.ts';
import { parallelBody } from './top-parallel.ts';
import { stageFunctions, streamBody } from './top-stream.ts';

/** Files of `firmware/` besides the kernels, by path within it. */
export function firmwareFiles(plan: HlsPlan): Map<string, string> {
  const contexts = planContexts(plan);
  const codes = contexts.map((context, j) => kernelOf(context.node).emit(context, plan.nodes[j].decisions));
  const constants = codes.flatMap((code) => code.constants ?? []);
  const functions = codes.flatMap((code) => code.functions ?? []);
  const files = new Map([
    ['defines.h', definesFile(plan, contexts)],
    ['parameters.h', parametersFile(plan, contexts, codes)],
    [`${plan.name}.h`, topHeader(plan, contexts)],
    [`${plan.name}.cpp`, topSource(plan, contexts, codes)],
  ]);
  for (const array of constants) files.set(`weights/${array.id}.h`, constantFile(plan, array));
  for (const written of functions) files.set(`functions/${written.id}.h`, functionFile(plan, written));
  for (const { name, text } of ownHeaders(codes)) files.set(`extensions/${name}`, text);
  return files;
}

/** Headers of extensions, each once. @throws FirmwareError when two of one name differ, or a name is none */
function ownHeaders(codes: readonly KernelCode[]): { readonly name: string; readonly text: string }[] {
  const texts = new Map<string, string>();
  for (const { ownHeader } of codes) {
    if (ownHeader === undefined) continue;
    const { name, text } = ownHeader;
    if (!/^[a-z]\w*\.h$/i.test(name))
      throw new FirmwareError(`extension: ${JSON.stringify(name)} is no name of a header; write "my_op.h"`);
    if ((texts.get(name) ?? text) !== text)
      throw new FirmwareError(`extensions: two headers called "${name}" differ; give each its own name`);
    texts.set(name, text);
  }
  return [...texts].map(([name, text]) => ({ name, text }));
}

/** Kernel headers that a plan needs. */
export function kernelHeaders(plan: HlsPlan): string[] {
  return headersOf(
    plan,
    planContexts(plan).map((context, j) => kernelOf(context.node).emit(context, plan.nodes[j].decisions)),
  );
}

function headersOf(plan: HlsPlan, codes: readonly KernelCode[]): string[] {
  const streamed = plan.settings.ioType === 'io_stream';
  const headers = codes.flatMap(({ header, streamHeader }) => [header, streamed ? streamHeader : undefined]);
  // sp_elementwise.h also has the copies that a dataflow region needs.
  const common = ['sp_elementwise.h', ...(streamed ? ['sp_stream.h'] : [])];
  return [...new Set([...common, ...headers.filter((header) => header !== undefined)])].sort();
}

function definesFile(plan: HlsPlan, contexts: readonly NodeContext[]): string {
  const [open, close] = guard(plan, 'defines.h');
  const typedefs = contexts.map((context) => `typedef ${valueType(context)} ${context.id}_t;`);
  const width = Math.max(...typedefs.map(({ length }) => length));
  const streamed = plan.settings.ioType === 'io_stream';
  const packets = contexts
    .filter(({ node }) => node.op !== 'constant' || plan.graph.outputs.includes(node.name))
    .map((context) => `typedef ${packetType(context)} ${context.id}_packet;`);
  const commented = contexts.map(({ node }, j) => {
    const divisor = node.divisor === undefined ? '' : `, stands for itself / ${node.divisor}`;
    return `${typedefs[j].padEnd(width)}  // [${node.shape.join(', ')}]${divisor}`;
  });
  return [
    '// Types of the values between the layers. A tensor is an array of its type, row-major; a sparse list is one object.',
    ...(streamed ? ['// As streams: a packet holds the last dimension of a tensor, or one slot of a list.'] : []),
    open,
    `#include "sp/${streamed ? 'sp_stream.h' : 'sp_list.h'}"\n`,
    `namespace ${namespaceOf(plan)} {\n`,
    ...commented,
    ...(streamed ? ['', ...packets] : []),
    `\n}  // namespace ${namespaceOf(plan)}\n`,
    close,
  ].join('\n');
}

function parametersFile(plan: HlsPlan, contexts: readonly NodeContext[], codes: readonly KernelCode[]): string {
  const [open, close] = guard(plan, 'parameters.h');
  const headers = headersOf(plan, codes);
  return [
    '// Constants of the layers and how each kernel is built.',
    open,
    '#include "defines.h"',
    ...headers.map((header) => `#include "sp/${header}"`),
    ...ownHeaders(codes).map(({ name }) => `#include "extensions/${name}"`),
    ...codes.flatMap(({ constants }) => constants ?? []).map(({ id }) => `#include "weights/${id}.h"`),
    ...codes.flatMap(({ functions }) => functions ?? []).map(({ id }) => `#include "functions/${id}.h"`),
    '',
    `namespace ${namespaceOf(plan)} {\n`,
    ...codes.flatMap((code, j) => configLines(contexts[j], code)),
    `}  // namespace ${namespaceOf(plan)}\n`,
    close,
  ].join('\n');
}

function configLines({ node }: NodeContext, { config, about }: KernelCode): string[] {
  if (config === undefined) return [];
  return [comment(`"${node.name}"${about === undefined ? '' : `: ${about}`}`), ...config, ''];
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
    comment(note),
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
    comment(note),
    open,
    '#include "../defines.h"',
    ...uses.map((constant) => `#include "../weights/${constant}.h"`),
    `\nnamespace ${namespaceOf(plan)} {\n`,
    ...lines,
    `\n}  // namespace ${namespaceOf(plan)}\n`,
    close,
  ].join('\n');
}

function topHeader(plan: HlsPlan, contexts: readonly NodeContext[]): string {
  const [open, close] = guard(plan, `${plan.name}.h`);
  return [open, '#include "defines.h"\n', `${signature(plan, portsOf(plan, contexts))};\n`, close].join('\n');
}

function topSource(plan: HlsPlan, contexts: readonly NodeContext[], codes: readonly KernelCode[]): string {
  const streamed = plan.settings.ioType === 'io_stream';
  const body = (streamed ? streamBody : parallelBody)(plan, contexts, codes);
  return [
    ...networkDrawing(plan).map(comment),
    '',
    `#include "${plan.name}.h"`,
    '#include "parameters.h"',
    '',
    '// Simulation can look at every value; hardware has nothing here.',
    '#ifndef SP_TRACE',
    '#define SP_TRACE(value)',
    '#endif',
    '',
    ...(streamed ? stageFunctions(plan, contexts, codes) : []),
    `${signature(plan, portsOf(plan, contexts))} {`,
    `  using namespace ${namespaceOf(plan)};`,
    ...body.map((line) => (line === '' ? '' : `  ${line}`)),
    '}',
    '',
  ].join('\n');
}
