import type { RtlPlan } from '../plan/plan-rtl.ts';
import type { PortSlice, PortWords } from '../vectors/port-words.ts';

/** Files of the Verilator program, in `verilator/`: a main in C++ that does what the testbench does, and the Makefile that builds it. */
export function verilatorFiles(
  { design, latency, options }: RtlPlan,
  { inputs, outputs, phases }: PortWords,
): readonly (readonly [path: string, text: string])[] {
  const top = design.modules[design.modules.length - 1].name;
  const line = (verb: string, { port, offset, width }: PortSlice): string =>
    `  ${verb}(dut.${verilated(port)}, word, ${offset}, ${width});`;
  const main = `// Runs the images of tb/ through ${top} and checks every output bit and every clock. Prints PASS or FAIL as its last line.
#include "V${top}.h"
#include "verilated.h"
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace {

constexpr int kLatency = ${latency}, kInterval = ${options.interval}, kPhases = ${phases};

/** Bits of a word, lowest first. */
using Bits = std::vector<bool>;

std::vector<Bits> read_words(const std::string& path) {
  std::ifstream file(path);
  std::vector<Bits> words;
  for (std::string line; file >> line;) {
    Bits bits;
    for (auto digit = line.rbegin(); digit != line.rend(); ++digit) {
      const int value = std::stoi(std::string(1, *digit), nullptr, 16);
      for (int b = 0; b < 4; ++b) bits.push_back((value >> b) & 1);
    }
    words.push_back(bits);
  }
  return words;
}

template <class Port>
void put(Port& port, const Bits& word, int offset, int width) {
  uint64_t value = 0;
  for (int b = 0; b < width; ++b) value |= uint64_t(word[offset + b]) << b;
  port = static_cast<Port>(value);
}

template <std::size_t N>
void put(VlWide<N>& port, const Bits& word, int offset, int width) {
  for (std::size_t w = 0; w < N; ++w) port[w] = 0;
  for (int b = 0; b < width; ++b) port[b / 32] |= uint32_t(word[offset + b]) << (b % 32);
}

template <class Port>
bool differs(const Port& port, const Bits& word, int offset, int width) {
  for (int b = 0; b < width; ++b)
    if (((uint64_t(port) >> b) & 1) != word[offset + b]) return true;
  return false;
}

template <std::size_t N>
bool differs(const VlWide<N>& port, const Bits& word, int offset, int width) {
  for (int b = 0; b < width; ++b)
    if (((port[b / 32] >> (b % 32)) & 1) != word[offset + b]) return true;
  return false;
}

void set_inputs(V${top}& dut, const Bits& word) {
  (void)dut;
  (void)word;
${inputs.map((slice) => line('put', slice)).join('\n')}
}

bool wrong(const V${top}& dut, const Bits& word) {
  (void)dut;
  (void)word;
${outputs.map((slice) => line('if (differs', slice).replace(/;$/, ') return true;')).join('\n')}
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : "tb";
  const auto stimulus = read_words(folder + "/stimulus.hex");
  const auto expected = read_words(folder + "/expected.hex");
  const int images = static_cast<int>(expected.size());
  if (images == 0 || static_cast<int>(stimulus.size()) != images * kPhases) {
    std::printf("no images in %s\\nFAIL\\n", folder.c_str());
    return 1;
  }
  V${top} dut;
  const Bits ones(stimulus[0].size(), true);
  std::vector<int> started;
  int received = 0, errors = 0, next = 4, phase = kPhases;
  for (int clock = 0; clock < 8 + images * (kInterval + 1) + kLatency + 64; ++clock) {
    dut.rst = clock < 3;
    dut.go = clock >= next && static_cast<int>(started.size()) < images;
    if (dut.go) {
      phase = 0;
      next = clock + kInterval + (started.size() % 5 == 4 ? 3 : 0);
      started.push_back(clock);
    }
    set_inputs(dut, phase < kPhases ? stimulus[(started.size() - 1) * kPhases + phase] : ones);
    ++phase;
    dut.clk = 0;
    dut.eval();
    if (clock >= 3 && dut.valid) {
      if (received >= images) ++errors;
      else if (wrong(dut, expected[received]) || clock - started[received] != kLatency) ++errors;
      ++received;
    }
    dut.clk = 1;
    dut.eval();
  }
  dut.final();
  if (received != images) ++errors;
  std::printf("%d images, %d results, %d errors\\n%s\\n", images, received, errors, errors == 0 ? "PASS" : "FAIL");
  return errors == 0 ? 0 : 1;
}
`;
  const makefile = `# make -C verilator builds and runs the program. Needs Verilator.
run: obj_dir/V${top}
	./obj_dir/V${top} ../tb

obj_dir/V${top}: main.cpp $(sort $(wildcard ../rtl/*.v))
	verilator --cc --exe --build --top-module ${top} -Wno-fatal -CFLAGS "-std=c++17 -O1" --Mdir obj_dir main.cpp $(sort $(wildcard ../rtl/*.v))

.PHONY: run
`;
  return [
    ['verilator/main.cpp', main],
    ['verilator/Makefile', makefile],
  ];
}

/** The name that Verilator gives a port in C++: an underscore behind another one is written by its code. */
function verilated(port: string): string {
  return port.replaceAll(/(?<=_)_/g, '__05F');
}
