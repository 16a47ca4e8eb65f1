import { type NodeContext, valueName } from '../kernels/kernel.ts';
import { planContexts } from '../plan/contexts.ts';
import { bytesOf } from '../plan/fixed-type.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';
import { declaration, elementsOf, namespaceOf, portsOf, receiveCall, runLines, sendCall } from './names.ts';

/** `static` storage, so that large tensors do not live on the stack, and one function per value that can be traced. Names that end in `_` are no value's. */
export function bridgeNetwork(plan: HlsPlan, topPath: string): string {
  const contexts = planContexts(plan);
  const ports = portsOf(plan, contexts);
  const scope = namespaceOf(plan);
  const streamed = plan.settings.ioType === 'io_stream';
  const traces = contexts.flatMap((context, j) => {
    const record = `if (sp::bridge::current()->tapped[${j}])`;
    if (!streamed || context.node.op === 'constant') {
      return [
        `inline void ${valueName(context)}_trace(const ${traceType(context)}x) {`,
        `  ${record} ${write(context, 'x', 'sp::bridge::current()->')};`,
        '}',
      ];
    }
    return [
      `inline void ${context.id}_trace(sp::stream<${context.id}_packet> &stream) {`,
      `  static ${declaration(context, 'x')};`,
      `  ${receiveCall(context, 'stream', 'x')}`,
      `  ${record} ${write(context, 'x', 'sp::bridge::current()->')};`,
      `  ${sendCall(context, 'x', 'stream')}`,
      '}',
    ];
  });
  return [
    `namespace ${scope} {`,
    ...traces,
    `}  // namespace ${scope}`,
    '',
    '#undef SP_TRACE',
    `#define SP_TRACE(value) ${scope}::value##_trace(value);`,
    `#include "${topPath}/${plan.name}.cpp"`,
    '',
    `namespace ${scope} {`,
    'inline void run_(sp::bridge::session &session_) {',
    ...ports.map(({ context, name }) => `  static ${declaration(context, name)};`),
    ...ports
      .filter(({ output }) => !output)
      .map(({ context, name }) => `  session_.read<${bytesOf(context.type)}>(${name}, ${elementsOf(context)});`),
    ...runLines(plan, ports).map((line) => `  ${line}`),
    ...ports.filter(({ output }) => output).map(({ context, name }) => `  ${write(context, name, 'session_.')};`),
    '}',
    `const sp::bridge::network network_ = {${inputBytes(plan)}, ${contexts.length}, run_};`,
    `}  // namespace ${scope}`,
    '',
  ].join('\n');
}

/** The program that runs one or several networks: `<name>_bridge.cpp`. */
export function bridgeProgram(networks: readonly { readonly plan: HlsPlan; readonly topPath: string }[]): string {
  return [
    '// Simulation: serves the network to the program that started it. See firmware/sp/sp_bridge.h for the protocol.',
    '#include "firmware/sp/sp_bridge.h"',
    '',
    ...networks.flatMap(({ plan, topPath }) => [`#include "${topPath}/defines.h"`, '', bridgeNetwork(plan, topPath)]),
    'int main() {',
    `  const sp::bridge::network networks[] = {${networks.map(({ plan }) => `${namespaceOf(plan)}::network_`).join(', ')}};`,
    `  return sp::bridge::serve(networks, ${networks.length});`,
    '}',
    '',
  ].join('\n');
}

function traceType(context: NodeContext): string {
  return context.node.slots === undefined ? `${context.id}_t *` : `${context.id}_t &`;
}

function write(context: NodeContext, name: string, session: string): string {
  const size = context.node.slots === undefined ? `, ${elementsOf(context)}` : '';
  return `${session}write<${bytesOf(context.type)}>(${name}${size})`;
}

function inputBytes(plan: HlsPlan): number {
  return planContexts(plan)
    .filter(({ node }) => node.op === 'input')
    .reduce((bytes, context) => bytes + Math.ceil((elementsOf(context) * bytesOf(context.type)) / 8) * 8, 0);
}
