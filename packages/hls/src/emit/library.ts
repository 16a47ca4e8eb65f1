import { expandFormats, sizeOf } from '@sp/quant';
import { planContexts } from '../plan/contexts.ts';
import { fractionOf } from '../plan/fixed-type.ts';
import type { HlsPlan } from '../plan/hls-plan.ts';
import { comment } from './comment.ts';
import { libraryPython } from './library-python.ts';
import { declaration, namespaceOf, type Port, portsOf, runLines } from './names.ts';
import { literal, portLayout } from './port-layout.ts';

/** `lib/`: the network as a shared library with C functions, its header, and Python's view of it. */
export function libraryFiles(plan: HlsPlan): Map<string, string> {
  const ports = portsOf(plan, planContexts(plan));
  return new Map([
    [`lib/${plan.name}_lib.h`, header(plan, ports)],
    [`lib/${plan.name}_lib.cpp`, source(plan, ports)],
    [`lib/${plan.name}_lib.py`, libraryPython(plan.name)],
  ]);
}

function header({ name }: HlsPlan, ports: readonly Port[]): string {
  const word = `${name.toUpperCase()}_LIB_H`;
  const listed = ports.map(({ context, output }) => {
    const { node } = context;
    const list = node.slots === undefined ? '' : `, a list of ${node.slots} slots`;
    return comment(`  ${output ? 'output' : 'input'} "${node.name}": [${node.shape.join(', ')}]${list}`);
  });
  return [
    `// ${name}: exactly what the firmware computes, for C, C++, ROOT, Python and whatever else calls C functions.`,
    '//',
    ...listed,
    '//',
    '// Inputs and outputs count from 0 in this order. Arrays are batches: image after image, row-major. Functions that compute',
    '// return 0, or a code that the last function has a text for; what they have written by then is of no use.',
    `#ifndef ${word}`,
    `#define ${word}`,
    '',
    '#include <stddef.h>',
    '#include <stdint.h>',
    '',
    '#ifdef __cplusplus',
    'extern "C" {',
    '#endif',
    '',
    `int ${name}_input_count(void);`,
    `int ${name}_output_count(void);`,
    '',
    '// Name of a port; NULL if there is none.',
    `const char *${name}_input_name(int input);`,
    `const char *${name}_output_name(int output);`,
    '',
    '// Reals per image; 0 if there is no such port. A list is given as its image, 0 where it has no pixel.',
    `size_t ${name}_input_size(int input);`,
    `size_t ${name}_output_size(int output);`,
    '',
    '// Words per image: as many, or of a list valid, row, column and features of one slot after the other.',
    `size_t ${name}_input_words(int input);`,
    `size_t ${name}_output_words(int output);`,
    '',
    '// A word stands for word * 2^-fraction.',
    `int ${name}_input_fraction(int input);`,
    `int ${name}_output_fraction(int output);`,
    '',
    '// Reals in, reals out: inputs[k] are images * input_size(k) numbers, outputs[k] has room for images * output_size(k).',
    `int ${name}_predict(const double *const *inputs, double *const *outputs, size_t images);`,
    `int ${name}_predict_float(const float *const *inputs, float *const *outputs, size_t images);`,
    '',
    '// The same with the words that the firmware takes and gives.',
    `int ${name}_predict_words(const int64_t *const *inputs, int64_t *const *outputs, size_t images);`,
    '',
    '// Reals of an input as words: rounded and kept in range as the model does it.',
    `int ${name}_encode(int input, const double *reals, int64_t *words, size_t images);`,
    '',
    `const char *${name}_error(int code);`,
    '',
    '#ifdef __cplusplus',
    '}',
    '#endif',
    '',
    '#endif',
    '',
  ].join('\n');
}

function source(plan: HlsPlan, ports: readonly Port[]): string {
  const { name } = plan;
  const inputs = ports.filter(({ output }) => !output);
  const outputs = ports.filter(({ output }) => output);
  const scope = namespaceOf(plan);
  const list = (which: string, of: readonly Port[]) =>
    of.length === 0
      ? [`const sp::library::port *const ${which} = nullptr;`]
      : [`const sp::library::port ${which}[] = {`, ...of.map((port) => `    ${describe(port)},`), '};'];
  return [
    `#include "${name}_lib.h"`,
    '',
    `#include "../firmware/${name}.h"`,
    '#include "../firmware/sp/sp_library.h"',
    '',
    `namespace ${scope} {`,
    'namespace {',
    '',
    ...inputs.flatMap(({ context }) => formats(context)),
    ...list('inputs_', inputs),
    ...list('outputs_', outputs),
    `const std::size_t input_count_ = ${inputs.length}, output_count_ = ${outputs.length};`,
    'typedef std::vector<std::vector<std::int64_t> > words_;',
    '',
    '// One image. What is called so in the firmware has static storage, since it may be large. Names that end in "_" are no port\'s.',
    'template <class SINK_>',
    'sp::library::status run_(const words_ &given_, typename SINK_::number *const *arrays_, std::size_t image_) {',
    ...(inputs.length === 0 ? ['  (void)given_;'] : []),
    ...ports.map(({ context, name: port }) => `  static ${declaration(context, port)};`),
    ...inputs.map(
      ({ context, name: port }, k) =>
        `  sp::library::words_into(given_[${k}].data(), ${port}, ${portLayout(context).words});`,
    ),
    ...runLines(plan, ports).map((line) => `  ${line}`),
    '  sp::library::status problem_ = sp::library::fine;',
    ...outputs.map(
      ({ context: { node }, name: port }, k) =>
        `  if (problem_ == 0) problem_ = SINK_::write(${port}, ${
          node.slots === undefined ? sizeOf(node.shape) : `${node.shape[0]}, ${node.shape[1]}`
        }, ${node.divisor ?? 1}, arrays_[${k}] + image_ * SINK_::size(outputs_[${k}]));`,
    ),
    '  return problem_;',
    '}',
    '',
    '// A batch of reals.',
    'template <class REAL_> int predict_(const REAL_ *const *in_, REAL_ *const *out_, std::size_t images_) {',
    '  if (sp::library::any_null(in_, input_count_) || sp::library::any_null(out_, output_count_)) return sp::library::null_pointer;',
    '  return sp::library::batch(',
    '      inputs_, input_count_, images_,',
    '      [&](std::size_t p_, std::size_t image_, std::int64_t *to_) {',
    '        return sp::library::encode(inputs_[p_], in_[p_] + image_ * inputs_[p_].reals, to_);',
    '      },',
    '      [&](const words_ &given_, std::size_t image_) { return run_<sp::library::real_sink<REAL_> >(given_, out_, image_); });',
    '}',
    '',
    'inline const sp::library::port *port_(const sp::library::port *all_, std::size_t count_, int which_) {',
    '  return which_ >= 0 && static_cast<std::size_t>(which_) < count_ ? all_ + which_ : nullptr;',
    '}',
    '',
    '}  // namespace',
    `}  // namespace ${scope}`,
    '',
    'extern "C" {',
    '',
    `int ${name}_input_count(void) { return ${inputs.length}; }`,
    `int ${name}_output_count(void) { return ${outputs.length}; }`,
    ...(['input', 'output'] as const).flatMap((kind) =>
      (
        [
          ['const char *', 'name', 'name', 'nullptr'],
          ['size_t ', 'size', 'reals', '0'],
          ['size_t ', 'words', 'words', '0'],
          ['int ', 'fraction', 'fraction', '0'],
        ] as const
      ).flatMap(([type, what, field, none]) => [
        `${type}${name}_${kind}_${what}(int ${kind}) {`,
        `  const sp::library::port *const found = ${scope}::port_(${scope}::${kind}s_, ${scope}::${kind}_count_, ${kind});`,
        `  return found == nullptr ? ${none} : found->${field};`,
        '}',
      ]),
    ),
    '',
    `int ${name}_predict(const double *const *inputs, double *const *outputs, size_t images) {`,
    `  return ${scope}::predict_(inputs, outputs, images);`,
    '}',
    `int ${name}_predict_float(const float *const *inputs, float *const *outputs, size_t images) {`,
    `  return ${scope}::predict_(inputs, outputs, images);`,
    '}',
    `int ${name}_predict_words(const int64_t *const *inputs, int64_t *const *outputs, size_t images) {`,
    `  using namespace sp::library;`,
    `  if (any_null(inputs, ${inputs.length}) || any_null(outputs, ${outputs.length})) return null_pointer;`,
    '  return batch(',
    `      ${scope}::inputs_, ${inputs.length}, images,`,
    '      [&](std::size_t p, std::size_t image, std::int64_t *to) {',
    `        const port &entry = ${scope}::inputs_[p];`,
    '        for (std::size_t j = 0; j < entry.words; ++j) to[j] = inputs[p][image * entry.words + j];',
    '        return check(entry, to);',
    '      },',
    `      [&](const ${scope}::words_ &given, std::size_t image) { return ${scope}::run_<word_sink>(given, outputs, image); });`,
    '}',
    '',
    `int ${name}_encode(int input, const double *reals, int64_t *words, size_t images) {`,
    `  const sp::library::port *const found = ${scope}::port_(${scope}::inputs_, ${inputs.length}, input);`,
    '  if (found == nullptr) return sp::library::no_such_port;',
    '  if (reals == nullptr || words == nullptr) return sp::library::null_pointer;',
    '  for (size_t image = 0; image < images; ++image) {',
    '    const int problem = sp::library::encode(*found, reals + image * found->reals, words + image * found->words);',
    '    if (problem != 0) return problem;',
    '  }',
    '  return 0;',
    '}',
    '',
    `const char *${name}_error(int code) { return sp::library::text(code); }`,
    '',
    '}  // extern "C"',
    '',
  ].join('\n');
}

function describe({ context, output }: Port): string {
  const { node, id, type } = context;
  const many = output ? '' : `${id}_format, ${tables(context).length}`;
  const [round, over] = node.op === 'input' ? [node.round, node.overflow] : ['TRN', 'WRAP'];
  return `{${literal(node.name)}, ${sizeOf(node.shape)}, ${portLayout(context).words}, ${fractionOf(type)}, ${type.width}, ${
    output ? 'nullptr, 0' : many
  }, sp::library::${round}, sp::library::${over}}`;
}

/** Formats of an input's elements; one if all are the same. */
function tables({ node }: Port['context']): string[] {
  const one = node.format.k.length === 1;
  const { k, i, f } = one ? node.format : expandFormats(node.format, node.shape);
  return Array.from(k, (sign, j) => `{${sign}, ${i[j]}, ${f[j]}}`);
}

function formats(context: Port['context']): string[] {
  const lines: string[] = [];
  let line = '   ';
  for (const entry of tables(context)) {
    if (line.length + entry.length > 116) {
      lines.push(line);
      line = '   ';
    }
    line += ` ${entry},`;
  }
  return [`const sp::library::format ${context.id}_format[] = {`, ...lines, line, '};'];
}
