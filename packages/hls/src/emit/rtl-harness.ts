import { planContexts } from '../plan/contexts.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';
import { judgingLines, mainLines, readingLines } from './image-lines.ts';
import { namespaceOf, type Port, portsOf } from './names.ts';
import { portLayout } from './port-layout.ts';

/** `rtl/`: testbenches for the Verilog that the tools make of `<name>_axis`, for cocotb and for Verilator. */
export function rtlHarness(plan: HlsPlan): Map<string, string> {
  const ports = portsOf(plan, planContexts(plan));
  return new Map([
    ['rtl/Makefile', makefile(plan)],
    [`rtl/${plan.name}_cocotb.py`, cocotbTest(plan, ports)],
    [`rtl/${plan.name}_verilator.cpp`, verilatorTest(plan, ports)],
  ]);
}

function makefile({ name }: HlsPlan): string {
  return [
    `# Simulates the Verilog of ${name}_axis, after: TOP=axis vitis_hls -f build_prj.tcl`,
    '#   make                  cocotb with Icarus Verilog; SIM=verilator with Verilator',
    '#   make verilator        C++ and Verilator',
    `VERILOG ?= ../${name}_axis_prj/solution1/syn/verilog`,
    'SIM ?= icarus',
    'TOPLEVEL_LANG = verilog',
    'VERILOG_SOURCES = $(wildcard $(abspath $(VERILOG))/*.v)',
    '# Both names of each: cocotb has renamed them.',
    `TOPLEVEL = ${name}_axis`,
    `COCOTB_TOPLEVEL = ${name}_axis`,
    `MODULE = ${name}_cocotb`,
    `COCOTB_TEST_MODULES = ${name}_cocotb`,
    '# Memories read their contents from the current folder.',
    '$(shell cp $(VERILOG)/*.dat . 2> /dev/null)',
    'ifeq ($(VERILOG_SOURCES),)',
    '$(error no Verilog in $(VERILOG): run TOP=axis vitis_hls -f build_prj.tcl first, or say where it is, VERILOG=...)',
    'endif',
    '',
    'ifeq ($(MAKECMDGOALS),verilator)',
    'verilator:',
    `\tverilator --cc --exe --build -Wno-fatal --top-module ${name}_axis $(VERILOG_SOURCES) ${name}_verilator.cpp \\`,
    `\t  -CFLAGS "-std=c++17 -O1 -I$(CURDIR)" -Mdir verilator_build -o ${name}_verilator`,
    `\t./verilator_build/${name}_verilator ../tb_data`,
    '.PHONY: verilator',
    'else',
    'include $(shell cocotb-config --makefiles)/Makefile.sim',
    'endif',
    '',
  ].join('\n');
}

function verilatorTest(plan: HlsPlan, ports: readonly Port[]): string {
  const { name } = plan;
  const inputs = ports.filter(({ output }) => !output);
  const outputs = ports.filter(({ output }) => output);
  const size = ({ context }: Port) => portLayout(context).words * portLayout(context).bytes;
  return [
    `// Feeds the images of tb_data/ to the RTL of ${name}_axis, as beats with random pauses, and compares every output word.`,
    '// See Makefile. Exit code 0: all words are equal.',
    '#include <cstdio>',
    '#include <cstdlib>',
    '#include <fstream>',
    '#include <memory>',
    '#include <string>',
    '',
    `#include "V${name}_axis.h"`,
    '#include "verilated.h"',
    '',
    `#include "../wrappers/${name}_axi.h"`,
    '#include "../firmware/sp/sp_axi_rtl.h"',
    '',
    'static_assert(SP_AXI_BYTES <= 8, "pins of more than 64 bits are arrays, which this testbench does not set");',
    '',
    `namespace ${namespaceOf(plan)} {`,
    '',
    'static int test_(const std::string &folder_, std::uint32_t seed_) {',
    ...readingLines(ports),
    ...inputs.map((port, k) => `  sp::axi::rtl_sender ${port.name}_stream(given_[${k}], seed_ + ${k});`),
    ...outputs.map(
      (port, k) => `  sp::axi::rtl_receiver ${port.name}_stream("${port.name}", ${size(port)}, seed_ + ${100 + k});`,
    ),
    `  const std::unique_ptr<V${name}_axis> top_(new V${name}_axis);`,
    '  long cycles_ = 0, quiet_ = 0;',
    `  while (${outputs.map((port) => `${port.name}_stream.images.size() < images_`).join(' || ')}) {`,
    '    top_->ap_rst_n = cycles_ >= 16;',
    '    const bool runs_ = cycles_ >= 20;',
    ...inputs.flatMap(({ name: port }) => [
      `    top_->${port}_TVALID = runs_ && ${port}_stream.offer();`,
      `    if (top_->${port}_TVALID) {`,
      `      top_->${port}_TDATA = ${port}_stream.data();`,
      `      top_->${port}_TKEEP = top_->${port}_TSTRB = ${port}_stream.keep();`,
      `      top_->${port}_TLAST = ${port}_stream.last();`,
      '    }',
    ]),
    ...outputs.map(({ name: port }) => `    top_->${port}_TREADY = runs_ && ${port}_stream.accept();`),
    '    top_->ap_clk = 0;',
    '    top_->eval();',
    '    ++quiet_;',
    ...inputs.flatMap(({ name: port }) => [
      `    if (top_->${port}_TVALID && top_->${port}_TREADY) quiet_ = 0;`,
      `    if (runs_) ${port}_stream.clock(top_->${port}_TREADY);`,
    ]),
    ...outputs.flatMap(({ name: port }) => [
      `    if (top_->${port}_TVALID && top_->${port}_TREADY) quiet_ = 0;`,
      `    if (runs_) ${port}_stream.clock(top_->${port}_TVALID, top_->${port}_TDATA, top_->${port}_TKEEP, top_->${port}_TLAST);`,
    ]),
    '    top_->ap_clk = 1;',
    '    top_->eval();',
    '    ++cycles_;',
    '    if (quiet_ > 1000000) {',
    '      std::printf("no beat for a million cycles\\n");',
    '      return 2;',
    '    }',
    '  }',
    `  const std::vector<std::vector<sp::axi::bytes> > found_ = {${outputs.map((port) => `${port.name}_stream.images`).join(', ')}};`,
    '  sp::testbench::judge judge_;',
    ...judgingLines(ports),
    `  std::printf("${name}_axis: %d images in %ld cycles, %d mismatching words\\n", judge_.images, cycles_, judge_.mismatches);`,
    `  return judge_.mismatches + ${outputs.map((port) => `${port.name}_stream.wrong`).join(' + ')} == 0 ? 0 : 1;`,
    '}',
    '',
    `}  // namespace ${namespaceOf(plan)}`,
    '',
    ...mainLines(plan, '../tb_data'),
  ].join('\n');
}

function cocotbTest({ name }: HlsPlan, ports: readonly Port[]): string {
  const row = ({ context, name: port }: Port) => `    "${port}": ${portLayout(context).bytes},`;
  const rows = (output: boolean) => ports.filter((port) => port.output === output).map(row);
  return `"""Feeds the images of tb_data/ to the RTL of ${name}_axis, as beats with random pauses, and compares every output word.

See Makefile. SEED=2 makes other pauses, IMAGES=5 takes only the first five.
"""
import os
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge

# Bytes of a word, by port.
INPUTS = {
${rows(false).join('\n')}
}
OUTPUTS = {
${rows(true).join('\n')}
}
HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 1000000  # cycles without a beat


def images_of(port, size):
    """Each image of a port's data as bytes."""
    with open(os.path.join(HERE, "..", "tb_data", port + ".dat")) as lines:
        return [b"".join(int(word).to_bytes(size, "little", signed=True) for word in line.split()) for line in lines][
            : int(os.environ.get("IMAGES", "1000000000"))
        ]


def pin(dut, port, name):
    return getattr(dut, port + "_" + name)


async def send(dut, port, images, pause):
    width = len(pin(dut, port, "TDATA")) // 8
    valid, ready = pin(dut, port, "TVALID"), pin(dut, port, "TREADY")
    for image in images:
        for at in range(0, len(image), width):
            while pause.random() < 0.3:
                await RisingEdge(dut.ap_clk)
            beat = image[at : at + width]
            pin(dut, port, "TDATA").value = int.from_bytes(beat, "little")
            pin(dut, port, "TKEEP").value = (1 << len(beat)) - 1
            pin(dut, port, "TSTRB").value = (1 << len(beat)) - 1
            pin(dut, port, "TLAST").value = int(at + width >= len(image))
            valid.value = 1
            await RisingEdge(dut.ap_clk)
            while int(ready.value) == 0:
                await RisingEdge(dut.ap_clk)
            valid.value = 0


async def receive(dut, port, expected, pause):
    width = len(pin(dut, port, "TDATA")) // 8
    valid, ready = pin(dut, port, "TVALID"), pin(dut, port, "TREADY")
    size = OUTPUTS[port]
    mismatches = 0
    for k, image in enumerate(expected):
        found, last = b"", False
        while not last:
            quiet = 0
            while True:
                accepts = pause.random() >= 0.3
                ready.value = int(accepts)
                await RisingEdge(dut.ap_clk)
                if accepts and int(valid.value) == 1:
                    break
                quiet += 1
                assert quiet < PATIENCE, "image %d, output %s: no beat for %d cycles" % (k, port, PATIENCE)
            beat = int(pin(dut, port, "TDATA").value).to_bytes(width, "little")
            keep = int(pin(dut, port, "TKEEP").value)
            last = int(pin(dut, port, "TLAST").value) == 1
            found += bytes(byte for i, byte in enumerate(beat) if keep >> i & 1)
            assert last == (len(found) >= len(image)), "image %d, output %s: TLAST or TKEEP is wrong" % (k, port)
        assert len(found) == len(image), "image %d, output %s: %d bytes, not %d" % (k, port, len(found), len(image))
        for word in range(len(image) // size):
            piece = slice(word * size, (word + 1) * size)
            right, wrong = (int.from_bytes(one[piece], "little", signed=True) for one in (image, found))
            if right != wrong:
                mismatches += 1
                dut._log.error("image %d, output %s, word %d: expected %d, found %d", k, port, word, right, wrong)
    ready.value = 0
    return mismatches


@cocotb.test()
async def ${name}_equals_the_model(dut):
    seed = int(os.environ.get("SEED", "1"))
    cocotb.start_soon(Clock(dut.ap_clk, 10, "ns").start())
    for port in INPUTS:
        pin(dut, port, "TVALID").value = 0
    for port in OUTPUTS:
        pin(dut, port, "TREADY").value = 0
    dut.ap_rst_n.value = 0
    for _ in range(16):
        await RisingEdge(dut.ap_clk)
    dut.ap_rst_n.value = 1
    for _ in range(4):
        await RisingEdge(dut.ap_clk)
    for k, (port, size) in enumerate(INPUTS.items()):
        cocotb.start_soon(send(dut, port, images_of(port, size), random.Random(seed + k)))
    receivers = [
        cocotb.start_soon(receive(dut, port, images_of(port, size), random.Random(seed + 100 + k)))
        for k, (port, size) in enumerate(OUTPUTS.items())
    ]
    mismatches = 0
    for receiver in receivers:
        mismatches += await receiver
    assert mismatches == 0, "%d mismatching words" % mismatches
`;
}
