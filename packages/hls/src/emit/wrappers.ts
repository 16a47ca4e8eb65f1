import { type NodeContext, packetsOf } from '../kernels/kernel.ts';
import { planContexts } from '../plan/contexts.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';
import type { GoldenVectors } from './golden.ts';
import { hostFiles } from './hosts.ts';
import { judgingLines, mainLines, readingLines } from './image-lines.ts';
import { declaration, guard, namespaceOf, type Port, portsOf } from './names.ts';
import { frameBeats, portLayout } from './port-layout.ts';

/**
 * `wrappers/`: the network with AXI4-Stream ports (`<name>_axis`) and as a kernel that reads and writes memory (`<name>_kernel`), examples
 * of hosts, and with golden vectors a testbench of both.
 */
export function wrapperFiles(plan: HlsPlan, golden: GoldenVectors | undefined): Map<string, string> {
  const ports = portsOf(plan, planContexts(plan));
  const images = golden === undefined ? 1 : Math.max(1, ...Object.values(golden.outputs).map(({ batch }) => batch));
  const files = new Map([
    [`wrappers/${plan.name}_axi.h`, header(plan, ports)],
    [`wrappers/${plan.name}_axis.cpp`, streamTop(plan, ports)],
    [`wrappers/${plan.name}_kernel.cpp`, kernelTop(plan, ports, images)],
  ]);
  if (golden !== undefined) files.set(`wrappers/${plan.name}_axi_test.cpp`, testbench(plan, ports, images));
  for (const [path, text] of hostFiles(plan, ports)) files.set(path, text);
  return files;
}

const beats = (name: string, type: string) => `sp::stream<${type}> &${name}`;

function axisSignature({ name }: HlsPlan, ports: readonly Port[]): string {
  return `void ${name}_axis(${ports.map((port) => beats(port.name, 'sp::axi::port_beat')).join(', ')})`;
}

function kernelSignature({ name }: HlsPlan, ports: readonly Port[]): string {
  const memory = ports.map((port) => `${port.output ? '' : 'const '}sp::axi::memory_word *${port.name}`);
  return `void ${name}_kernel(${[...memory, 'int images_'].join(', ')})`;
}

function header(plan: HlsPlan, ports: readonly Port[]): string {
  const [open, close] = guard(plan, 'axi.h');
  const streamed = plan.settings.ioType === 'io_stream';
  const parameters = ports.map(({ name }) => beats(`${name}_stream`, 'BEAT_')).join(', ');
  const local = ({ context, name, output }: Port): string[] => {
    if (streamed) return [`sp::stream<${context.id}_packet> ${name};`, `SP_DEPTH(${name}, 2)`];
    const shape = output ? 'ARRAY_PARTITION' : 'ARRAY_RESHAPE';
    return [
      `${declaration(context, name)};`,
      context.node.slots === undefined ? `SP_HLS(${shape} variable=${name} complete dim=0)` : `SP_LIST(${name})`,
    ];
  };
  const take = ({ context, name }: Port) =>
    `sp::axi::take<${portLayout(context).bytes}, ${countOf(context, streamed)}>(${name}_stream, ${name})`;
  const give = ({ context, name }: Port) => {
    const counted = !streamed && context.node.slots !== undefined ? '' : `, ${countOf(context, streamed)}`;
    return `sp::axi::give<${portLayout(context).bytes}${counted}>(${name}, ${name}_stream)`;
  };
  const process = (call: string) => (streamed ? `SP_PROCESS(${call})` : `${call};`);
  return [
    '// The network behind AXI ports. See sp_axi.h for what a frame is; -DSP_AXI_BYTES=16 makes beats of 16 bytes.',
    open,
    `#include "../firmware/${plan.name}.h"`,
    '#include "../firmware/sp/sp_axi.h"',
    '',
    '// AXI4-Stream ports, one frame per image and port. Runs as long as there is a clock.',
    `${axisSignature(plan, ports)};`,
    '',
    '// Images in memory, each in whole beats, one after the other. Addresses and number of images are AXI4-Lite registers.',
    `extern "C" ${kernelSignature(plan, ports)};`,
    '',
    `namespace ${namespaceOf(plan)} {`,
    '',
    '// One image. Names that end in "_" are no value\'s.',
    `template <class BEAT_> void passage_(${parameters}) {`,
    '  SP_HLS(INLINE)',
    ...ports.flatMap(local).map((line) => `  ${line}`),
    ...ports.filter(({ output }) => !output).map((port) => `  ${process(take(port))}`),
    `  ${process(`${plan.name}(${ports.map(({ name }) => name).join(', ')})`)}`,
    ...ports.filter(({ output }) => output).map((port) => `  ${process(give(port))}`),
    ...(streamed ? ['  SP_FINISH'] : []),
    '}',
    '',
    `}  // namespace ${namespaceOf(plan)}`,
    '',
    close,
  ].join('\n');
}

function countOf(context: NodeContext, streamed: boolean): number {
  return streamed ? packetsOf(context) : portLayout(context).words;
}

function streamTop(plan: HlsPlan, ports: readonly Port[]): string {
  return [
    `#include "${plan.name}_axi.h"`,
    '',
    `${axisSignature(plan, ports)} {`,
    ...ports.map(({ name }) => `  SP_HLS(INTERFACE axis port=${name})`),
    '  SP_HLS(INTERFACE ap_ctrl_none port=return)',
    '  SP_HLS(DATAFLOW)',
    `  ${namespaceOf(plan)}::passage_(${ports.map(({ name }) => name).join(', ')});`,
    '}',
    '',
  ].join('\n');
}

function kernelTop(plan: HlsPlan, ports: readonly Port[], images: number): string {
  const scope = namespaceOf(plan);
  const streams = ports.map(({ name }) => `${name}_stream`);
  return [
    `#include "${plan.name}_axi.h"`,
    '',
    `namespace ${scope} {`,
    '',
    `static void passages_(int images_, ${streams.map((name) => beats(name, 'sp::axi::beat')).join(', ')}) {`,
    '  SP_LOOP(Images)',
    '  for (int k_ = 0; k_ < images_; ++k_) {',
    '    SP_HLS(LOOP_TRIPCOUNT min=1 max=1024)',
    '    SP_HLS(DATAFLOW)',
    `    passage_(${streams.join(', ')});`,
    '  }',
    '}',
    '',
    `}  // namespace ${scope}`,
    '',
    `extern "C" ${kernelSignature(plan, ports)} {`,
    ...ports.flatMap(({ name, context }, k) => {
      const { words, bytes } = portLayout(context);
      // Only cosimulation asks for it: beats of 8 bytes for the images of the testbench.
      const depth = images * Math.ceil((words * bytes) / 8);
      return [
        `  SP_HLS(INTERFACE m_axi port=${name} offset=slave bundle=gmem${k} depth=${depth})`,
        `  SP_HLS(INTERFACE s_axilite port=${name} bundle=control)`,
      ];
    }),
    '  SP_HLS(INTERFACE s_axilite port=images_ bundle=control)',
    '  SP_HLS(INTERFACE s_axilite port=return bundle=control)',
    '  SP_HLS(DATAFLOW)',
    ...streams.flatMap((name) => [`  sp::stream<sp::axi::beat> ${name};`, `  SP_DEPTH(${name}, 32)`]),
    ...ports
      .filter(({ output }) => !output)
      .map((port) => `  SP_PROCESS(sp::axi::load<${frameBeats(port)}>(${port.name}, images_, ${port.name}_stream))`),
    `  SP_PROCESS(${scope}::passages_(images_, ${streams.join(', ')}))`,
    ...ports
      .filter(({ output }) => output)
      .map((port) => `  SP_PROCESS(sp::axi::store<${frameBeats(port)}>(${port.name}_stream, ${port.name}, images_))`),
    '  SP_FINISH',
    '}',
    '',
  ].join('\n');
}

function testbench(plan: HlsPlan, ports: readonly Port[], images: number): string {
  const { name } = plan;
  const inputs = ports.filter(({ output }) => !output);
  const outputs = ports.filter(({ output }) => output);
  const size = ({ context }: Port) => portLayout(context).words * portLayout(context).bytes;
  const call = `${name}_axis(${ports.map((port) => `${port.name}_stream`).join(', ')})`;
  const least = (port: Port) => Math.ceil(size(port) / 8) * images;
  const report = (top: string) => [
    ...judgingLines(ports),
    `  std::printf("${top}: %d images, %d mismatching words\\n", judge_.images, judge_.mismatches);`,
    '  return judge_.mismatches + wrong_;',
  ];
  return [
    `// Feeds the images of tb_data/ to ${name}_axis, as beats, and to ${name}_kernel, in memory, and compares every output word.`,
    '// With -DSP_BOUNDED -pthread all processes are concurrent, FIFOs as long as in hardware, and both ends pause at random.',
    '// Run it in the folder above, or give the path of tb_data/ and a seed as arguments. Exit code 0: all words are equal.',
    '#include <cstdio>',
    '#include <cstdlib>',
    '#include <fstream>',
    '#include <string>',
    '',
    `#include "${name}_axi.h"`,
    '#include "../firmware/sp/sp_axi_testbench.h"',
    '',
    `namespace ${namespaceOf(plan)} {`,
    '',
    'typedef std::vector<std::vector<sp::axi::bytes> > bytes_;',
    '',
    'static int judged_axis_(const bytes_ &given_, const bytes_ &expected_, std::size_t images_, std::uint32_t seed_) {',
    `  bytes_ found_(${outputs.length});`,
    '  int wrong_ = 0;',
    ...ports.map((port) => `  static sp::stream<sp::axi::port_beat> ${port.name}_stream;`),
    '#ifdef SP_BOUNDED',
    ...ports.map((port) => `  ${port.name}_stream.limit(2);`),
    `  int wrongs_[${outputs.length}] = {0};`,
    ...inputs.map(
      (port, k) => `  sp::bounded::start([&] { sp::axi::feed(given_[${k}], seed_ + ${k}, ${port.name}_stream); });`,
    ),
    '  sp::bounded::start([&] {',
    `    for (std::size_t k_ = 0; k_ < images_; ++k_) ${call};`,
    '  });',
    ...outputs.map(
      (port, k) =>
        `  sp::bounded::start([&] { wrongs_[${k}] = sp::axi::collect("${port.name}", ${size(port)}, images_, seed_ + ${100 + k}, ${port.name}_stream, found_[${k}]); });`,
    ),
    '  sp::bounded::finish();',
    '  for (int wrong : wrongs_) wrong_ += wrong;',
    '#else',
    ...inputs.map((port, k) => `  sp::axi::feed(given_[${k}], seed_, ${port.name}_stream);`),
    `  for (std::size_t k_ = 0; k_ < images_; ++k_) ${call};`,
    ...outputs.map(
      (port, k) =>
        `  wrong_ += sp::axi::collect("${port.name}", ${size(port)}, images_, seed_, ${port.name}_stream, found_[${k}]);`,
    ),
    '#endif',
    '  sp::testbench::judge judge_;',
    ...report(`${name}_axis`),
    '}',
    '',
    'static int judged_kernel_(const bytes_ &given_, const bytes_ &expected_, std::size_t images_) {',
    `  bytes_ found_(${outputs.length});`,
    '  typedef sp::axi::memory_word word_;',
    '  const int wrong_ = 0;',
    ...inputs.map(
      (port, k) => `  std::vector<word_> ${port.name} = sp::axi::memory_of<word_>(given_[${k}], ${least(port)});`,
    ),
    ...outputs.map(
      (port) => `  std::vector<word_> ${port.name}(images_ * ${frameBeats(port)} + ${least(port)}, word_(0));`,
    ),
    `  ${name}_kernel(${[...ports.map((port) => `${port.name}.data()`), 'static_cast<int>(images_)'].join(', ')});`,
    ...outputs.map((port, k) => `  found_[${k}] = sp::axi::images_in(${port.name}, ${size(port)}, images_);`),
    '  sp::testbench::judge judge_;',
    ...report(`${name}_kernel`),
    '}',
    '',
    'static int test_(const std::string &folder_, std::uint32_t seed_) {',
    ...readingLines(ports),
    '  const int axis_ = judged_axis_(given_, expected_, images_, seed_);',
    '  const int kernel_ = judged_kernel_(given_, expected_, images_);',
    '  return axis_ + kernel_ == 0 ? 0 : 1;',
    '}',
    '',
    `}  // namespace ${namespaceOf(plan)}`,
    '',
    ...mainLines(plan, 'tb_data'),
  ].join('\n');
}
