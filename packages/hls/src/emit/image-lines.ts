import type { HlsPlan } from '../plan/hls-plan.ts';
import { declaration, namespaceOf, type Port } from './names.ts';
import { portLayout } from './port-layout.ts';
import { readCall } from './testbench.ts';

/** Lines that read all images of `tb_data` as bytes, into `given_[input]` and `expected_[output]`. For the testbench and the hosts. */
export function readingLines(ports: readonly Port[]): string[] {
  const inputs = ports.filter(({ output }) => !output);
  const outputs = ports.filter(({ output }) => output);
  const append = ({ context, name }: Port, to: string) => {
    const { words, bytes } = portLayout(context);
    const count = context.node.slots === undefined ? `, ${words}` : '';
    return `    sp::axi::append<${bytes}>(${name}${count}, ${to}.back());`;
  };
  const all = [
    ...inputs.map((port, k): [Port, string] => [port, `given_[${k}]`]),
    ...outputs.map((port, k): [Port, string] => [port, `expected_[${k}]`]),
  ];
  return [
    ...ports.map(({ name }) => `  std::ifstream ${name}_file(folder_ + "/${name}.dat");`),
    ...ports.map(({ context, name }) => `  static ${declaration(context, name)};`),
    `  std::vector<std::vector<sp::axi::bytes> > given_(${inputs.length}), expected_(${outputs.length});`,
    `  while (${ports.map((port) => readCall(port, '')).join(' && ')}) {`,
    ...all.flatMap(([port, to]) => [`    ${to}.emplace_back();`, append(port, to)]),
    '  }',
    '  const std::size_t images_ = expected_[0].size();',
    '  if (images_ == 0) {',
    '    std::printf("no images in %s\\n", folder_.c_str());',
    '    return 2;',
    '  }',
  ];
}

/** Lines that compare `found_[output]` with `expected_[output]` by `judge_`. */
export function judgingLines(ports: readonly Port[]): string[] {
  const outputs = ports.filter(({ output }) => output);
  return [
    '  std::ostream nowhere_(nullptr);',
    '  for (std::size_t k_ = 0; k_ < images_; ++k_) {',
    ...outputs.map(({ context, name }, k) => {
      const words = (of: string) => `sp::axi::words_of<${portLayout(context).bytes}>(${of}[${k}][k_])`;
      return `    judge_.compare("${name}", ${words('found_')}, ${words('expected_')}, nowhere_);`;
    }),
    '    ++judge_.images;',
    '  }',
  ];
}

/** A testbench's `main`: its arguments are the folder of the images and a seed. */
export function mainLines(plan: HlsPlan, folder: string): string[] {
  return [
    'int main(int argc, char **argv) {',
    '  const unsigned long seed = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1;',
    `  return ${namespaceOf(plan)}::test_(argc > 1 ? argv[1] : "${folder}", static_cast<std::uint32_t>(seed));`,
    '}',
    '',
  ];
}
