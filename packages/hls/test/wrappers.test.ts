/**
 * The AXI wrappers of a project, end to end: beats and memory in, beats and memory out, both ends of every stream pausing at random, all processes threads, FIFOs as long
 * as in hardware. What comes out is what the interpreter gives.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FixedGraph, graphBuilder } from '@sp/quant';
import { digitsGraph, digitsImages } from '@sp/test-graphs';
import { beforeAll, describe, expect, it } from 'vitest';
import { CXX_FLAGS } from '../src/emit/build-files.ts';
import { emit, findCompiler, goldenVectors, type HlsConfig, plan, write } from '../src/index.ts';
import { apShim } from './support/ap-shim.ts';
import { has } from './support/tools.ts';
import { temporaryFolder, writeFiles } from './support/workspace.ts';

const ACT = { round: 'RND', overflow: 'SAT' } as const;

/** Several inputs and outputs: pixels that fit no beat, a list, numbers of 1, 2, 4 and 16 bytes, an input that is an output. */
function mixed(name: string): FixedGraph {
  const g = graphBuilder(name);
  const image = g.input('image', { shape: [5, 5, 3], format: { k: 1, i: 2, f: 3 }, ...ACT });
  const few = g.input('few', { shape: [7], format: { k: 1, i: 9, f: 3 }, ...ACT });
  const wide = g.input('wide', { shape: [3], format: { k: 0, i: 30, f: 20 }, ...ACT });
  const list = g.reduce('list', image, { slots: 4, threshold: 4 });
  const codes = (count: number) => Array.from({ length: count }, (_, j) => ((j * 7919) % 15) - 7);
  const mix = g.dense('mix', few, { kernel: { shape: [7, 5], codes: codes(35), f: 2 } });
  const huge = g.mul('huge', wide, wide);
  return g.build([list, mix, huge, g.relu('positive', image), few]);
}

const few = (count: number, scale: number) => Array.from({ length: count }, (_, j) => (((j * 37) % 101) - 50) * scale);
const MIXED = { image: few(6 * 75, 1 / 16), few: few(6 * 7, 5), wide: few(6 * 3, 1e6).map(Math.abs) };

describe('360 digits through the wrappers', () => {
  const graph = digitsGraph();
  let dir = '';

  beforeAll(async () => {
    dir = `${await temporaryFolder()}/digits`;
    await write(emit(plan(graph), { golden: goldenVectors(graph, digitsImages(360)) }), dir);
    execFileSync('./build_lib.sh', ['wrappers'], { cwd: dir, env: { ...process.env, CXXFLAGS: '-O1 -Werror' } });
  });

  it('equal the interpreter, as beats with random pauses and in memory, whatever the pauses', () => {
    for (const seed of ['1', '2']) {
      const output = execFileSync('build/digits_axi_test', ['tb_data', seed], { cwd: dir, encoding: 'utf8' });
      expect(output).toBe(
        'digits_axis: 360 images, 0 mismatching words\ndigits_kernel: 360 images, 0 mismatching words\n',
      );
    }
  });

  it('name image, word, expected and found where they differ', () => {
    const path = join(dir, 'tb_data/dense2_out.dat');
    const text = readFileSync(path, 'utf8');
    const lines = text.split('\n');
    const words = lines[200].split(' ');
    const right = words[9];
    words[9] = String(Number(right) - 1);
    writeFileSync(path, [...lines.slice(0, 200), words.join(' '), ...lines.slice(201)].join('\n'));
    const { status, stdout } = spawnSync('build/digits_axi_test', ['tb_data'], { cwd: dir, encoding: 'utf8' });
    writeFileSync(path, text);
    const line = `image 200, output dense2_out, word 9: expected ${words[9]}, found ${right}\n`;
    expect(status).toBe(1);
    expect(stdout).toBe(
      `${line}digits_axis: 360 images, 1 mismatching words\n${line}digits_kernel: 360 images, 1 mismatching words\n`,
    );
  });

  it('run on a card through XRT, here a stand-in that calls the kernel', async () => {
    await writeFiles(join(dir, 'xrt_here/xrt'), [
      ['xrt_device.h', '#include "all.h"\n'],
      ['xrt_kernel.h', '#include "all.h"\n'],
      ['xrt_bo.h', '#include "all.h"\n'],
      ['all.h', XRT],
    ]);
    const sources = ['wrappers/host_xrt.cpp', 'wrappers/digits_kernel.cpp', 'build/digits.o'];
    const { command } = await findCompiler();
    execFileSync(command, [...CXX_FLAGS, '-O1', '-Werror', '-Ixrt_here', ...sources, '-o', 'host'], { cwd: dir });
    expect(execFileSync('./host', ['digits.xclbin', 'tb_data'], { cwd: dir, encoding: 'utf8' })).toMatch(
      /^360 images in [\d.]+ s, 0 mismatching words\n$/,
    );
  });

  const hasNumpy = has('python3', '-c', 'import numpy');
  it.skipIf(!hasNumpy)(
    `run on a PYNQ board, here a stand-in that calls the shared library${hasNumpy ? '' : ' (no numpy here)'}`,
    async () => {
      execFileSync('./build_lib.sh', ['lib'], { cwd: dir, env: { ...process.env, CXXFLAGS: '-O1' } });
      await writeFiles(join(dir, 'pynq_here'), [['pynq.py', PYNQ]]);
      const env = { ...process.env, PYTHONPATH: 'pynq_here' };
      const args = ['wrappers/host_pynq.py', 'digits.bit', 'tb_data'];
      expect(execFileSync('python3', args, { cwd: dir, env, encoding: 'utf8' })).toBe(
        '360 images, 0 mismatching words\n',
      );
    },
  );
});

/** Enough of XRT's native interface for the host: buffers are vectors, one kernel. */
const XRT = `#pragma once
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <vector>
#include "../../wrappers/digits_axi.h"
enum xclBOSyncDirection { XCL_BO_SYNC_BO_TO_DEVICE, XCL_BO_SYNC_BO_FROM_DEVICE };
namespace xrt {
struct uuid {};
struct device {
  explicit device(unsigned) {}
  uuid load_xclbin(const std::string &) { return uuid(); }
};
struct bo {
  std::shared_ptr<std::vector<unsigned char> > host, card;
  bo(const device &, std::size_t size, int)
      : host(new std::vector<unsigned char>(size)), card(new std::vector<unsigned char>(size)) {}
  void write(const void *from, std::size_t size, std::size_t at) { std::memcpy(host->data() + at, from, size); }
  void read(void *to, std::size_t size, std::size_t at) { std::memcpy(to, host->data() + at, size); }
  void sync(xclBOSyncDirection way) { (way == XCL_BO_SYNC_BO_TO_DEVICE ? *card = *host : *host = *card); }
};
struct run { void wait() {} };
struct kernel {
  kernel(const device &, const uuid &, const std::string &name) { if (name != "digits_kernel") throw 1; }
  int group_id(int) const { return 0; }
  run operator()(bo &in, bo &out, int images) {
    typedef sp::axi::memory_word word;
    std::vector<word> x(in.card->size() / 8), y(out.card->size() / 8);
    for (std::size_t j = 0; j < in.card->size(); ++j) x[j / 8] |= word(word(static_cast<int>((*in.card)[j])) << static_cast<int>(8 * (j % 8)));
    digits_kernel(x.data(), y.data(), images);
    for (std::size_t j = 0; j < out.card->size(); ++j) (*out.card)[j] = static_cast<unsigned char>(ap_uint<8>(y[j / 8] >> static_cast<int>(8 * (j % 8))).to_int());
    return run();
  }
};
}  // namespace xrt
`;

/** Enough of PYNQ for the host: two DMAs before and behind the network. */
const PYNQ = `import sys
import numpy as np
sys.path.insert(0, "lib")
from digits_lib import Network as Library

def allocate(shape, dtype):
    return np.zeros(shape, dtype)

class Channel:
    def __init__(self, overlay): self.overlay = overlay; self.buffer = None; self.waited = True
    def transfer(self, buffer):
        assert self.waited, "a transfer before the last one was waited for"
        self.buffer, self.waited = buffer, False
    def wait(self): self.overlay.compute(); self.waited = True

class Dma:
    def __init__(self, overlay): self.sendchannel, self.recvchannel = Channel(overlay), Channel(overlay)

class Overlay:
    def __init__(self, bitfile):
        assert bitfile == "digits.bit"
        self.dma_image, self.dma_dense2_out, self.library = Dma(self), Dma(self), Library()
    def compute(self):
        send, receive = self.dma_image.sendchannel, self.dma_dense2_out.recvchannel
        assert receive.buffer is not None, "nobody receives"
        if not send.waited: receive.buffer[:] = self.library.predict_words(send.buffer.astype(np.int64))[0][0]
`;

const FRAMES = `#include <cstdio>
#include "firmware/sp/sp_axi_testbench.h"
using namespace sp::axi;
typedef sp::stream<beat> beats;
typedef sp::packet<ap_int<16>, 3> pixel;
static void put(beats &to, long long data, int keep, int last) {
  beat b;
  b.data = ap_uint<64>(data); b.keep = ap_uint<8>(keep); b.last = ap_uint<1>(last);
  to.write(b);
}
int main() {
  beats in;
  ap_int<16> x[6];
  put(in, 0x0004000300020001, 255, 1);                                        // too short
  for (int j = 0; j < 4; ++j) put(in, 0x0004000300020001 + j, 255, j == 3);  // too long
  put(in, 0x0004000300020001, 0xf3, 0);                                       // the second number is not there
  put(in, 0x0000000000060005, 0x0f, 1);
  for (int k = 0; k < 3; ++k) {
    take<2, 6>(in, x);
    for (int j = 0; j < 6; ++j) std::printf("%d ", x[j].to_int());
    std::printf("%s\\n", in.empty() ? "end" : "");
  }
  put(in, 0x0004000300020001, 255, 1);
  for (int j = 0; j < 4; ++j) put(in, 0x0004000300020001 + j, 255, j == 3);
  sp::stream<pixel> pixels;
  for (int k = 0; k < 2; ++k) {
    take<2, 2>(in, pixels);
    for (int j = 0; j < 2; ++j) {
      const pixel p = pixels.read();
      for (int c = 0; c < 3; ++c) std::printf("%d ", p.data[c].to_int());
    }
    std::printf("%s\\n", in.empty() ? "end" : "");
  }
  return 0;
}
`;

describe('frames', () => {
  it('of wrong lengths, or with bytes that are not there, do not reach the next one', async () => {
    const g = graphBuilder('any');
    const folder = await temporaryFolder();
    const files = emit(plan(g.build([g.relu('y', g.input('x', { shape: [2], format: { k: 1, i: 3, f: 0 } }))])));
    await writeFiles(folder, [...files, ['frames.cpp', FRAMES]]);
    const { command } = await findCompiler();
    execFileSync(command, [...CXX_FLAGS, '-O0', '-Werror', 'frames.cpp', '-o', 'frames'], { cwd: folder });
    expect(execFileSync('./frames', { cwd: folder, encoding: 'utf8' }).split('\n')).toEqual([
      '1 2 3 4 0 0 ',
      '1 2 3 4 2 2 ',
      '1 0 3 4 5 6 end',
      '1 2 3 4 0 0 ',
      '1 2 3 4 2 2 end',
      '',
    ]);
  });

  const STREAM: HlsConfig = { model: { ioType: 'io_stream' } };
  it.each([
    ['64 bytes', {}, 64, false],
    ["4 bytes, streams inside, with the types of AMD's headers", STREAM, 4, true],
  ] as const)(
    'of beats of %s carry numbers of any width, lists, and pixels that fit no beat',
    async (_, config, bytes, amd) => {
      const folder = await temporaryFolder();
      const graph = mixed('mixed');
      const files = emit(plan(graph, config), { golden: goldenVectors(graph, MIXED) });
      await writeFiles(folder, [...files, ...[...apShim].map(([name, text]) => [`ap/${name}`, text] as const)]);
      const sources = ['axi_test', 'axis', 'kernel'].map((part) => `wrappers/mixed_${part}.cpp`);
      const flags = ['-O0', '-Werror', '-DSP_BOUNDED', '-pthread', `-DSP_AXI_BYTES=${bytes}`];
      if (amd) flags.push('-DSP_USE_AP_TYPES', '-Iap', '-Wno-shadow');
      const { command } = await findCompiler();
      execFileSync(command, [...CXX_FLAGS, ...flags, ...sources, 'firmware/mixed.cpp', '-o', 'all'], { cwd: folder });
      expect(execFileSync('./all', { cwd: folder, encoding: 'utf8' })).toBe(
        'mixed_axis: 6 images, 0 mismatching words\nmixed_kernel: 6 images, 0 mismatching words\n',
      );
    },
  );

  it('whose TLAST or TKEEP is wrong are found by the testbench', async () => {
    const folder = await temporaryFolder();
    const graph = mixed('mixed');
    const files = new Map(emit(plan(graph), { golden: goldenVectors(graph, MIXED) }));
    const axi = 'firmware/sp/sp_axi.h';
    files.set(axi, files.get(axi)!.replace('b.last = last && q ==', 'b.last = !last && q =='));
    await writeFiles(folder, files);
    const sources = ['axi_test', 'axis', 'kernel'].map((part) => `wrappers/mixed_${part}.cpp`);
    const { command } = await findCompiler();
    execFileSync(command, [...CXX_FLAGS, '-O0', ...sources, 'firmware/mixed.cpp', '-o', 'all'], { cwd: folder });
    const { status, stdout } = spawnSync('./all', { cwd: folder, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^image 0, output \w+, beat 0: TLAST or TKEEP is not that of a frame of \d+ bytes\n/);
  });
});
