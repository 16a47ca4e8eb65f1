/**
 * The testbenches for RTL, on RTL that is not the tools': for Verilator's a class of the form that it makes, whose inside is the C++ of the wrapper; for cocotb a few lines of
 * Verilog that do what the network does.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { graphBuilder } from '@sp/quant';
import { describe, expect, it } from 'vitest';
import { emit, findCompiler, goldenVectors, plan } from '../src/index.ts';
import { has } from './support/tools.ts';
import { temporaryFolder, writeFiles } from './support/workspace.ts';

const g = graphBuilder('two');
const a = g.input('a', { shape: [5], format: { k: 1, i: 7, f: 0 } });
const b = g.input('b', { shape: [11], format: { k: 1, i: 3, f: 3 } });
const graph = g.build([
  g.relu('y', a),
  g.dense('z', b, { kernel: { shape: [11, 3], codes: Array.from({ length: 33 }, (_, j) => (j % 7) - 3), f: 1 } }),
]);
const numbers = (count: number, scale: number) =>
  Array.from({ length: count }, (_, j) => (((j * 37) % 101) - 50) * scale);
const golden = goldenVectors(graph, { a: numbers(40 * 5, 1), b: numbers(40 * 11, 0.125) });

/** What Verilator would make: pins as members, \`eval\` that sees edges of the clock. */
const MODEL = `#pragma once
#include <cstdint>
#include <deque>
#include "../wrappers/two_axi.h"
typedef sp::stream<sp::axi::port_beat> beats;
struct Vtwo_axis {
  std::uint8_t ap_clk = 0, ap_rst_n = 0;
  std::uint64_t a_TDATA = 0, b_TDATA = 0, y_TDATA = 0, z_TDATA = 0;
  std::uint8_t a_TKEEP = 0, a_TSTRB = 0, a_TLAST = 0, a_TVALID = 0, a_TREADY = 0;
  std::uint8_t b_TKEEP = 0, b_TSTRB = 0, b_TLAST = 0, b_TVALID = 0, b_TREADY = 0;
  std::uint8_t y_TKEEP = 0, y_TLAST = 0, y_TVALID = 0, y_TREADY = 0;
  std::uint8_t z_TKEEP = 0, z_TLAST = 0, z_TVALID = 0, z_TREADY = 0;
  beats a, b, y, z;
  std::deque<sp::axi::port_beat> to_y, to_z;
  int frames_a = 0, frames_b = 0, cycle = 0;
  bool before = false;
  static void push(beats &to, std::uint64_t data, int keep, int last, int &frames) {
    sp::axi::port_beat p;
    p.data = sp::axi::memory_word(static_cast<unsigned long long>(data)); p.keep = ap_uint<8>(keep); p.last = ap_uint<1>(last);
    to.write(p);
    frames += last;
  }
  void eval() {
    const bool edge = ap_clk && !before;
    before = ap_clk;
    if (!edge) return;
    if (ap_rst_n) {
      if (a_TVALID && a_TREADY) push(a, a_TDATA, a_TKEEP, a_TLAST, frames_a);
      if (b_TVALID && b_TREADY) push(b, b_TDATA, b_TKEEP, b_TLAST, frames_b);
      if (y_TVALID && y_TREADY) to_y.pop_front();
      if (z_TVALID && z_TREADY) to_z.pop_front();
      if (frames_a > 0 && frames_b > 0) {
        two_axis(a, b, y, z);
        --frames_a, --frames_b;
        while (!y.empty()) to_y.push_back(y.read());
        while (!z.empty()) to_z.push_back(z.read());
      }
    }
    ++cycle;
    a_TREADY = cycle % 3 != 0;
    b_TREADY = cycle % 5 != 0;
    show(to_y, y_TVALID, y_TDATA, y_TKEEP, y_TLAST);
    show(to_z, z_TVALID, z_TDATA, z_TKEEP, z_TLAST);
  }
  static void show(const std::deque<sp::axi::port_beat> &from, std::uint8_t &valid, std::uint64_t &data, std::uint8_t &keep, std::uint8_t &last) {
    valid = !from.empty();
    if (!valid) return;
    data = sp::axi::rtl_sender_word(from.front().data);
    keep = static_cast<std::uint8_t>(from.front().keep.to_int());
    last = static_cast<std::uint8_t>(from.front().last.to_int());
  }
};
`
  .replace('sp::axi::rtl_sender_word(', 'static_cast<std::uint64_t>(ap_int<64>(')
  .replace('front().data);', 'front().data).to_int64());');

describe("Verilator's testbench", () => {
  it('passes a model that is right, and names image, word, expected and found in one that is not', async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, emit(plan(graph), { golden }));
    await writeFiles(join(folder, 'here'), [
      ['Vtwo_axis.h', MODEL],
      ['verilated.h', ''],
    ]);
    const { command } = await findCompiler();
    const sources = ['rtl/two_verilator.cpp', 'wrappers/two_axis.cpp', 'firmware/two.cpp'];
    const flags = ['-std=c++17', '-O0', '-Wall', '-Wextra', '-Werror', '-Ihere', '-Irtl'];
    execFileSync(command, [...flags, ...sources, '-o', 'rtl_test'], { cwd: folder });
    const run = () => spawnSync('./rtl_test', ['tb_data', '7'], { cwd: folder, encoding: 'utf8' });
    expect(run().stdout).toMatch(/^two_axis: 40 images in \d+ cycles, 0 mismatching words\n$/);
    const path = join(folder, 'tb_data/z.dat');
    const lines = (await readFile(path, 'utf8')).split('\n');
    const words = lines[17].split(' ');
    await writeFile(
      path,
      [...lines.slice(0, 17), [words[0], words[1], Number(words[2]) + 4].join(' '), ...lines.slice(18)].join('\n'),
    );
    const { status, stdout } = run();
    expect(status).toBe(1);
    expect(stdout).toContain(`image 17, output z, word 2: expected ${Number(words[2]) + 4}, found ${words[2]}\n`);
  });
});

/** y = relu(x), 5 signed bytes in a beat of 8: what the network does, with a register at its exit. */
const VERILOG = `module one_axis(
  input ap_clk, input ap_rst_n,
  input [63:0] x_TDATA, input [7:0] x_TKEEP, input [7:0] x_TSTRB, input x_TLAST, input x_TVALID, output x_TREADY,
  output reg [63:0] y_TDATA, output reg [7:0] y_TKEEP, output reg [7:0] y_TSTRB, output reg y_TLAST, output reg y_TVALID, input y_TREADY);
  assign x_TREADY = !y_TVALID || y_TREADY;
  integer i;
  always @(posedge ap_clk)
    if (!ap_rst_n) y_TVALID <= 0;
    else if (x_TREADY) begin
      y_TVALID <= x_TVALID;
      y_TKEEP <= x_TKEEP;
      y_TSTRB <= x_TSTRB;
      y_TLAST <= x_TLAST;
      for (i = 0; i < 8; i = i + 1) y_TDATA[8*i +: 8] <= x_TDATA[8*i + 7] ? 8'd0 : x_TDATA[8*i +: 8];
    end
endmodule
`;

const hasCocotb = has('cocotb-config', '--version') && has('iverilog', '-V') && has('make');
const missing = ' (no cocotb, iverilog or make here)';

describe("cocotb's testbench", () => {
  it.skipIf(!hasCocotb)(
    `passes RTL that is right and fails on RTL that is not${hasCocotb ? '' : missing}`,
    async () => {
      const one = graphBuilder('one');
      const x = one.input('x', { shape: [5], format: { k: 1, i: 7, f: 0 } });
      const small = one.build([one.relu('y', x)]);
      const folder = await temporaryFolder();
      await writeFiles(folder, emit(plan(small), { golden: goldenVectors(small, numbers(20 * 5, 1)) }));
      const run = async (verilog: string) => {
        await writeFiles(join(folder, 'v'), [['one.v', verilog]]);
        return spawnSync('make', ['-B', 'VERILOG=../v'], { cwd: join(folder, 'rtl'), encoding: 'utf8' });
      };
      expect((await run(VERILOG)).stdout).toMatch(/PASS=1 FAIL=0/);
      const { stdout } = await run(VERILOG.replace("8'd0", "8'd1"));
      expect(stdout).toMatch(/image 0, output y, word \d: expected 0, found 1/);
      expect(stdout).toMatch(/PASS=0 FAIL=1/);
    },
  );

  const hasPython = has('python3');
  it.skipIf(!hasPython)(`is Python${hasPython ? '' : ' (no python3 here)'}`, async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, emit(plan(graph), { golden }));
    const files = ['rtl/two_cocotb.py', 'wrappers/host_pynq.py', 'lib/two_lib.py'];
    execFileSync('python3', ['-W', 'error', '-m', 'py_compile', ...files], { cwd: folder });
  });
});
