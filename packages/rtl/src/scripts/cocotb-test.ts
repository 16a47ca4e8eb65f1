/** A test of the design for cocotb (written for 1.6 and later, run with 2.1): drives the ports that `design.json` lists, and checks every output bit and every clock. */

/** Files of the cocotb test, in `cocotb/`: the test and the Makefile that runs it. */
export function cocotbFiles(top: string): readonly (readonly [path: string, text: string])[] {
  return [
    [`cocotb/test_${top}.py`, test(top)],
    ['cocotb/Makefile', makefile(top)],
  ];
}

function test(top: string): string {
  return `"""Test of ${top} with cocotb: make -C cocotb (SIM=icarus or SIM=verilator)."""

import json
from pathlib import Path

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, ReadOnly, RisingEdge

HOME = Path(__file__).resolve().parent.parent
DESIGN = json.loads((HOME / "design.json").read_text())
STIMULUS = [int(line, 16) for line in (HOME / "tb/stimulus.hex").read_text().split()]
EXPECTED = [int(line, 16) for line in (HOME / "tb/expected.hex").read_text().split()]
PHASES = DESIGN["phases"]
RESULTS = [number for output in DESIGN["outputs"] for number in output["numbers"] if "port" in number]


def drive(dut, word):
    """Puts a word of all input bits on the input ports; None for ones everywhere."""
    for port in DESIGN["inputs"]:
        ones = (1 << port["width"]) - 1
        getattr(dut, port["port"]).value = ones if word is None else word & ones
        if word is not None:
            word >>= port["width"]


def result(dut):
    """The bits of all output ports as one word."""
    word = 0
    offset = 0
    for number in RESULTS:
        bits = str(getattr(dut, number["port"]).value)
        word |= int(bits, 2) << offset
        offset += number["width"]
    return word


async def send(dut, starts, clock):
    """Sends every image; an idle clock now and then."""
    for image in range(len(EXPECTED)):
        for phase in range(max(PHASES, DESIGN["interval"] + (3 if image % 5 == 4 else 0))):
            await FallingEdge(dut.clk)
            dut.go.value = int(phase == 0)
            drive(dut, STIMULUS[image * PHASES + phase] if phase < PHASES else None)
            if phase == 0:
                starts.append(clock[0])
    await FallingEdge(dut.clk)
    dut.go.value = 0
    drive(dut, None)


@cocotb.test()
async def equals_the_interpreter(dut):
    """All results in order, each after the planned latency."""
    cocotb.start_soon(Clock(dut.clk, 10, "ns").start())
    starts = []
    clock = [0]
    dut.rst.value = 1
    dut.go.value = 0
    drive(dut, None)
    for _ in range(3):
        await FallingEdge(dut.clk)
    dut.rst.value = 0
    cocotb.start_soon(send(dut, starts, clock))
    received = 0
    limit = (DESIGN["interval"] + 3) * len(EXPECTED) + DESIGN["latency"] + 16
    while received < len(EXPECTED):
        await RisingEdge(dut.clk)
        # What the edge ends: inputs were set half a clock before, outputs have not moved yet.
        clock[0] += 1
        assert clock[0] < limit, f"{received} results of {len(EXPECTED)}"
        await FallingEdge(dut.clk)
        await ReadOnly()
        if int(dut.valid.value) == 1:
            assert result(dut) == EXPECTED[received], f"image {received}"
            taken = clock[0] - starts[received]
            assert taken == DESIGN["latency"], f"image {received}: {taken} clocks"
            received += 1
`;
}

function makefile(top: string): string {
  return `# make -C cocotb runs the test with Icarus Verilog, SIM=verilator with Verilator. Needs cocotb (pip install cocotb).
SIM ?= icarus
TOPLEVEL_LANG = verilog
VERILOG_SOURCES = $(sort $(wildcard $(CURDIR)/../rtl/*.v))
TOPLEVEL = ${top}
COCOTB_TOPLEVEL = ${top}
MODULE = test_${top}
COCOTB_TEST_MODULES = test_${top}
include $(shell cocotb-config --makefiles)/Makefile.sim
`;
}
