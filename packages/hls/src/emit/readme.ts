import { planContexts } from '../plan/contexts.ts';
import { fractionOf } from '../plan/fixed-type.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';
import { portsOf } from './names.ts';
import { portLayout } from './port-layout.ts';

/** `README.md` of a project: what each file is for, and what the ports carry. */
export function readme(plan: HlsPlan, testbench: boolean): string {
  const { name, settings } = plan;
  const extended = plan.graph.nodes.some(({ op }) => op === 'extension');
  const rows: [string, string][] = [
    [`\`firmware/${name}.cpp\`, \`.h\``, 'the top function; the network is drawn above it'],
    ['`firmware/defines.h`, `parameters.h`', 'types of the values, how each layer is built'],
    ['`firmware/weights/`, `functions/`', 'constants; products written out as additions'],
    ['`firmware/sp/`', 'the kernels, the same for every network'],
    ...(extended
      ? ([['`firmware/extensions/`', 'kernels from outside, under the licences of their authors']] as [
          string,
          string,
        ][])
      : []),
    [`\`lib/${name}_lib.h\`, \`.cpp\`, \`.py\``, 'the network as a shared library, for C, C++, ROOT and Python'],
    [`\`wrappers/${name}_axis.cpp\``, 'another top function: AXI4-Stream ports, a frame per image'],
    [`\`wrappers/${name}_kernel.cpp\``, 'another: a kernel that reads and writes memory, with AXI4-Lite registers'],
    ['`wrappers/host_xrt.cpp`, `host_pynq.py`', 'examples of programs that run these on a card or board'],
    ...(testbench
      ? ([
          [`\`wrappers/${name}_axi_test.cpp\``, 'testbench of both'],
          ['`rtl/`', 'testbenches for the Verilog that the tools make of it: cocotb, Verilator'],
        ] as [string, string][])
      : []),
    ...(testbench
      ? ([[`\`${name}_test.cpp\`, \`tb_data/\``, 'testbench with inputs and exact results']] as [string, string][])
      : []),
    [`\`${name}_bridge.cpp\``, 'the program behind `predict`, `trace` and `compare` of `@sp/hls`'],
    ['`build_prj.tcl`', 'for Vitis HLS and Vivado HLS'],
    ['`Makefile`, `CMakeLists.txt`, `build_lib.sh`', 'for a C++17 compiler; take one'],
    ['`project.json`', 'the plan, for `sp-hls compare`, `predict` and `build`'],
  ];
  const ports = portsOf(plan, planContexts(plan)).map(({ context, name: port, output }) => {
    const { node, type } = context;
    const { words, bytes } = portLayout(context);
    const list = node.slots === undefined ? '' : `, ${node.slots} slots of valid, row, column, features`;
    return `| ${output ? 'output' : 'input'} \`${port}\` | ${node.shape.join(' × ')}${list} | ${words} | ${type.width}, ${fractionOf(type)} of them fraction | ${bytes} |`;
  });
  return [
    `# ${name}`,
    '',
    `A network as C++ for ${settings.part} at ${settings.clockPeriod} ns, written by \`sp-hls\`. It computes, bit for bit, what the model computes.`,
    '',
    '| file | what |',
    '|---|---|',
    ...rows.map(([file, what]) => `| ${file} | ${what} |`),
    '',
    '| port | shape | words per image | bits | bytes of a word in memory |',
    '|---|---|---|---|---|',
    ...ports,
    '',
    'A word is an integer and stands for word · 2^-fraction. As AXI4-Stream or in memory words follow each other, little-endian, in beats',
    'of 8 bytes (`-DSP_AXI_BYTES=…` changes that); each image starts with a beat of its own, and TLAST ends it.',
    '',
    '```sh',
    ...(testbench ? ['make test wrappers                      # the testbenches'] : []),
    `make lib && python3 -c 'import sys; sys.path.insert(0, "lib"); from ${name}_lib import Network; print(Network().outputs)'`,
    'sp-hls build .                          # Vitis HLS or Vivado HLS, where installed; or: vitis_hls -f build_prj.tcl',
    'TOP=axis vitis_hls -f build_prj.tcl     # the wrapper with AXI4-Stream ports; TOP=kernel EXPORT=1: an .xo for v++',
    '```',
    '',
    'Kernels and generated code: Apache-2.0. The numbers in `firmware/weights/` and `tb_data/` come from your network and are yours.',
    '',
  ].join('\n');
}
