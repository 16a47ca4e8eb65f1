import type { HlsPlan } from '../plan/hls-plan.ts';
import { judgingLines, readingLines } from './image-lines.ts';
import { namespaceOf, type Port } from './names.ts';
import { frameBeats, portLayout } from './port-layout.ts';

/** Examples of programs that run the wrappers on a card or board: C++ for XRT, Python for PYNQ. */
export function hostFiles(plan: HlsPlan, ports: readonly Port[]): Map<string, string> {
  return new Map([
    ['wrappers/host_xrt.cpp', xrtHost(plan, ports)],
    ['wrappers/host_pynq.py', pynqHost(plan, ports)],
  ]);
}

function xrtHost(plan: HlsPlan, ports: readonly Port[]): string {
  const { name } = plan;
  const inputs = ports.filter(({ output }) => !output);
  const outputs = ports.filter(({ output }) => output);
  const size = ({ context }: Port) => portLayout(context).words * portLayout(context).bytes;
  const memory = (port: Port) => `images_ * ${frameBeats(port)} * SP_AXI_BYTES`;
  return [
    `// Runs the images of tb_data/ through ${name}_kernel on an Alveo card or a Zynq board with XRT, and compares every output word.`,
    '//   g++ -std=c++17 host_xrt.cpp -I$XILINX_XRT/include -L$XILINX_XRT/lib -lxrt_coreutil -pthread -o host',
    `//   ./host ${name}.xclbin ../tb_data`,
    '// The xclbin: v++ -l of the kernel that "TOP=kernel EXPORT=1 vitis_hls -f build_prj.tcl" makes.',
    '#include <chrono>',
    '#include <cstdio>',
    '#include <fstream>',
    '#include <string>',
    '',
    '#include "xrt/xrt_bo.h"',
    '#include "xrt/xrt_device.h"',
    '#include "xrt/xrt_kernel.h"',
    '',
    `#include "${name}_axi.h"`,
    '#include "../firmware/sp/sp_axi_testbench.h"',
    '',
    `namespace ${namespaceOf(plan)} {`,
    '',
    'static int run_(const std::string &binary_, const std::string &folder_) {',
    ...readingLines(ports),
    '  xrt::device device_(0);',
    '  const auto uuid_ = device_.load_xclbin(binary_);',
    `  xrt::kernel kernel_(device_, uuid_, "${name}_kernel");`,
    '  // Each image fills whole beats; the words of a port stand one after the other, little-endian.',
    ...ports.map((port, k) => `  xrt::bo ${port.name}_stream(device_, ${memory(port)}, kernel_.group_id(${k}));`),
    '  for (std::size_t k_ = 0; k_ < images_; ++k_) {',
    ...inputs.flatMap((port, k) => [
      `    ${port.name}_stream.write(given_[${k}][k_].data(), ${size(port)}, k_ * ${frameBeats(port)} * SP_AXI_BYTES);`,
    ]),
    '  }',
    ...inputs.map((port) => `  ${port.name}_stream.sync(XCL_BO_SYNC_BO_TO_DEVICE);`),
    '',
    '  const auto begin_ = std::chrono::steady_clock::now();',
    `  auto started_ = kernel_(${[...ports.map((port) => `${port.name}_stream`), 'static_cast<int>(images_)'].join(', ')});`,
    '  started_.wait();',
    '  const std::chrono::duration<double> took_ = std::chrono::steady_clock::now() - begin_;',
    '',
    `  std::vector<std::vector<sp::axi::bytes> > found_(${outputs.length});`,
    ...outputs.map((port) => `  ${port.name}_stream.sync(XCL_BO_SYNC_BO_FROM_DEVICE);`),
    '  for (std::size_t k_ = 0; k_ < images_; ++k_) {',
    ...outputs.flatMap((port, k) => [
      `    found_[${k}].emplace_back(${size(port)});`,
      `    ${port.name}_stream.read(found_[${k}].back().data(), ${size(port)}, k_ * ${frameBeats(port)} * SP_AXI_BYTES);`,
    ]),
    '  }',
    '  sp::testbench::judge judge_;',
    ...judgingLines(ports),
    '  std::printf("%d images in %.6f s, %d mismatching words\\n", judge_.images, took_.count(), judge_.mismatches);',
    '  return judge_.mismatches == 0 ? 0 : 1;',
    '}',
    '',
    `}  // namespace ${namespaceOf(plan)}`,
    '',
    'int main(int argc, char **argv) {',
    '  if (argc != 3) {',
    `    std::fprintf(stderr, "usage: host ${name}.xclbin tb_data\\n");`,
    '    return 2;',
    '  }',
    `  return ${namespaceOf(plan)}::run_(argv[1], argv[2]);`,
    '}',
    '',
  ].join('\n');
}

function pynqHost({ name }: HlsPlan, ports: readonly Port[]): string {
  const row = ({ context, name: port }: Port) => {
    const { words, bytes } = portLayout(context);
    const type = { 1: 'int8', 2: 'int16', 4: 'int32' }[bytes] ?? 'int64';
    return `    ("${port}", ${words * Math.max(1, bytes / 8)}, np.${type}),`;
  };
  return `"""${name}_axis on a PYNQ board, behind one AXI DMA per port.

The block design: ${name}_axis, and for each port an AXI DMA called dma_<port>, with a data width of SP_AXI_BYTES bytes (8).

    network = Network("${name}.bit")
    (words,) = network.predict_words(images)     # a row per image

Words are integers and stand for word * 2**-fraction; lib/${name}_lib.py turns reals into them (encode).
Run as a program, it compares the images of a folder with their exact results:

    python3 host_pynq.py ${name}.bit ../tb_data
"""
import os
import sys

import numpy as np
from pynq import Overlay, allocate

# Name, numbers per image, their type (where words have more than 64 bits: their parts, the lowest first).
INPUTS = [
${ports
  .filter(({ output }) => !output)
  .map(row)
  .join('\n')}
]
OUTPUTS = [
${ports
  .filter(({ output }) => output)
  .map(row)
  .join('\n')}
]


class Network:
    """The network in the fabric; bitfile: of the overlay, which is loaded."""

    def __init__(self, bitfile="${name}.bit"):
        self.overlay = Overlay(bitfile)
        dma = lambda name: getattr(self.overlay, "dma_" + name)
        self._senders = [(dma(name).sendchannel, allocate((size,), kind)) for name, size, kind in INPUTS]
        self._receivers = [(dma(name).recvchannel, allocate((size,), kind)) for name, size, kind in OUTPUTS]

    def predict_words(self, *inputs):
        """One array per input, with a row per image; one array per output."""
        if len(inputs) != len(INPUTS):
            raise ValueError("%d arrays for the inputs %s" % (len(inputs), ", ".join(name for name, _, _ in INPUTS)))
        given = []
        for values, (name, size, kind) in zip(inputs, INPUTS):
            words = np.asarray(values).reshape(-1, size)
            limits = np.iinfo(kind)
            if words.size > 0 and (words.min() < limits.min or words.max() > limits.max):
                raise ValueError("%s: words from %d to %d, more than %s holds" % (name, words.min(), words.max(), kind.__name__))
            given.append(words.astype(kind))
        images = len(given[0]) if given else 1
        if any(len(words) != images for words in given):
            raise ValueError("inputs with different numbers of images: %s" % [len(words) for words in given])
        results = [np.empty((images, size), kind) for _, size, kind in OUTPUTS]
        for image in range(images):
            # Who receives must be ready before the frames come.
            for channel, buffer in self._receivers:
                channel.transfer(buffer)
            for (channel, buffer), words in zip(self._senders, given):
                buffer[:] = words[image]
                channel.transfer(buffer)
            for channel, _ in self._senders + self._receivers:
                channel.wait()
            for (_, buffer), result in zip(self._receivers, results):
                result[image] = buffer
        return results


def main(bitfile, folder):
    read = lambda name: [[int(word) for word in line.split()] for line in open(os.path.join(folder, name + ".dat"))]
    results = Network(bitfile).predict_words(*[read(name) for name, _, _ in INPUTS])
    mismatches = 0
    for (name, _, _), result in zip(OUTPUTS, results):
        for image, expected in enumerate(read(name)):
            for word in np.flatnonzero(result[image] != expected):
                mismatches += 1
                print("image %d, output %s, word %d: expected %d, found %d" % (image, name, word, expected[word], result[image][word]))
    print("%d images, %d mismatching words" % (len(results[0]), mismatches))
    return 0 if mismatches == 0 else 1


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python3 host_pynq.py ${name}.bit tb_data")
    sys.exit(main(sys.argv[1], sys.argv[2]))
`;
}
