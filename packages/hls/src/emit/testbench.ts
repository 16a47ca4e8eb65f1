import { sizeOf } from '@sp/quant';
import type { Value } from '@sp/quant/internal';
import { FirmwareError } from '../errors.ts';
import type { NodeContext } from '../kernels/kernel.ts';
import { planContexts } from '../plan/contexts.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';
import type { GoldenVectors } from './golden.ts';
import { declaration, namespaceOf, type Port, portsOf, runLines } from './names.ts';
import { codeShifts } from './port-codes.ts';

/**
 * The testbench and its data: `<name>_test.cpp`, `tb_data/<port>.dat` with one image per line. The numbers are the ports' words, read as
 * signed integers; a list is valid, row, column and features of one slot after the other.
 */
export function testbenchFiles(plan: HlsPlan, golden: GoldenVectors): Map<string, string> {
  const ports = portsOf(plan, planContexts(plan));
  const files = new Map([[`${plan.name}_test.cpp`, program(plan, ports)]]);
  for (const port of ports) {
    const name = port.context.node.name;
    const value = (port.output ? golden.outputs : golden.inputs)[name];
    if (value === undefined)
      throw new FirmwareError(`golden vectors: nothing for ${port.output ? 'output' : 'input'} "${name}"`);
    files.set(`tb_data/${port.name}.dat`, portLines(port.context, value));
  }
  return files;
}

function portLines(context: NodeContext, value: Value): string {
  const { node, type } = context;
  const list = value.kind === 'list';
  const shifts = codeShifts(node.format, node.shape, type, list);
  const word = (index: number) => (BigInt(value.codes[index]) << BigInt(shifts[index % shifts.length])).toString();
  const lines: string[] = [];
  for (let b = 0; b < value.batch; b++) {
    const numbers: (string | number)[] = [];
    if (list) {
      const channels = value.shape[2];
      for (let s = b * value.slots; s < (b + 1) * value.slots; s++) {
        numbers.push(value.valid[s], value.rows[s], value.cols[s]);
        for (let c = 0; c < channels; c++) numbers.push(word(s * channels + c));
      }
    } else {
      const size = sizeOf(value.shape);
      for (let j = 0; j < size; j++) numbers.push(word(b * size + j));
    }
    lines.push(numbers.join(' '));
  }
  return `${lines.join('\n')}\n`;
}

function program(plan: HlsPlan, ports: readonly Port[]): string {
  const inputs = ports.filter(({ output }) => !output);
  const outputs = ports.filter(({ output }) => output);
  return [
    `// Feeds the images of tb_data/ to ${plan.name} and compares every output word. What it finds goes to tb_data/<port>.found, in`,
    '// the form of <port>.dat; words that differ are named.',
    '// Run it in this folder, or give the path of tb_data/ as argument. Exit code 0: all words are equal.',
    '#include <cstdio>',
    '#include <fstream>',
    '#include <string>',
    '',
    `#include "firmware/${plan.name}.h"`,
    '#include "firmware/sp/sp_testbench.h"',
    '',
    `namespace ${namespaceOf(plan)} {`,
    '',
    '// Names that end in "_" are no port\'s.',
    'static int test_(const std::string &folder_) {',
    ...ports.map(({ name }) => `  std::ifstream ${name}_file(folder_ + "/${name}.dat");`),
    `  if (${ports.map(({ name }) => `!${name}_file`).join(' || ')}) {`,
    '    std::printf("cannot read %s\\n", folder_.c_str());',
    '    return 2;',
    '  }',
    ...outputs.map(({ name }) => `  std::ofstream ${name}_found(folder_ + "/${name}.found");`),
    ...ports.map(({ context, name }) => `  static ${declaration(context, name)};`),
    ...outputs.map(({ context, name }) => `  static ${declaration(context, `${name}_golden`)};`),
    '  sp::testbench::judge judge_;',
    `  while (${inputs.map((port) => readCall(port, '')).join(' && ')}) {`,
    `    if (!(${outputs.map((port) => readCall(port, '_golden')).join(' && ')})) {`,
    '      std::printf("too few golden outputs\\n");',
    '      return 2;',
    '    }',
    ...runLines(plan, ports).map((line) => `    ${line}`),
    ...outputs.map((port) => `    ${judgeCall(port, `${port.name}_found`)}`),
    '    ++judge_.images;',
    '  }',
    `  if (${outputs.map(({ name }) => `!${name}_found.flush()`).join(' || ')}) {`,
    '    std::printf("what was found cannot be written to %s\\n", folder_.c_str());',
    '  }',
    `  std::printf("${plan.name}: %d images, %d mismatching words\\n", judge_.images, judge_.mismatches);`,
    '  return judge_.mismatches == 0 && judge_.images > 0 ? 0 : 1;',
    '}',
    '',
    `}  // namespace ${namespaceOf(plan)}`,
    '',
    `int main(int argc, char **argv) { return ${namespaceOf(plan)}::test_(argc > 1 ? argv[1] : "tb_data"); }`,
    '',
  ].join('\n');
}

/** The expression that reads a port's words of one image from its data. */
export function readCall({ context, name }: Port, suffix: string): string {
  return `sp::testbench::read(${name}_file, ${counted(context, `${name}${suffix}`)})`;
}

/** The statement that compares an output with what is expected, and writes it down. */
export function judgeCall({ context, name }: Port, file: string): string {
  const words = (value: string) => `sp::testbench::words(${counted(context, value)})`;
  return `judge_.compare("${name}", ${words(name)}, ${words(`${name}_golden`)}, ${file});`;
}

function counted({ node }: NodeContext, value: string): string {
  return node.slots === undefined ? `${value}, ${sizeOf(node.shape)}` : value;
}
