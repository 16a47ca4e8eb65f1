import { expandFormats, type Format, formatOf, formatWidth } from '@sp/quant';
import type { RequantizeNode } from '@sp/quant/internal';
import { bitLength } from '@sp/quant/numeric';
import { multiplier, type NodeCost } from '../estimate/cost.ts';
import { type FixedType, fractionOf, printCpp, typeOfFormat } from '../plan/fixed-type.ts';
import { atOnce, eachCall, numbersOf, passage, perPacket } from './elementwise.ts';
import type { Kernel, NodeContext } from './kernel.ts';
import { reciprocal } from './reciprocal.ts';

/**
 * Rounding and overflow, per element: the distinct formats become the cases of a `switch`, and a table says which case an element takes.
 * Once the loop over elements is unrolled only the one right cast per element is left.
 */
export const requantizeKernel: Kernel<RequantizeNode> = {
  op: 'requantize',
  options: [],
  loops: () => false,
  decide: () => ({}),

  emit(context) {
    const { node, id, inputs } = context;
    const cases = distinctFormats(context);
    const from = inputs[0].type;
    const divisor = inputs[0].node.divisor ?? 1;
    const list = node.slots !== undefined;
    const lines = [
      `struct ${id}_config {`,
      `  static const int size = ${list ? node.shape[2] : numbersOf(context)};`,
      `  typedef ${printCpp(from)} from_t;`,
      `  typedef ${printCpp(context.type)} to_t;`,
    ];
    const casts = cases.formats.map((format) => castExpression(format, node, from, divisor));
    const unused = casts.every((cast) => cast === undefined);
    const text = (cast: string | undefined) => (cast === undefined ? 'to_t(0)' : `to_t(${cast})`);
    if (casts.length === 1) {
      lines.push(`  static to_t cast(int, const from_t &${unused ? '' : 'x'}) { return ${text(casts[0])}; }`);
    } else {
      lines.push(
        `  static to_t cast(int j, const from_t &${unused ? '' : 'x'}) {`,
        `    switch (${id}_format[j]) {`,
        ...casts.map((cast, c) =>
          c === casts.length - 1 ? `      default: return ${text(cast)};` : `      case ${c}: return ${text(cast)};`,
        ),
        '    }',
        '  }',
      );
    }
    if (list) {
      const [, width, channels] = node.shape;
      lines.push(
        cases.positional
          ? `  static int element(int row, int col, int channel) { return (row * ${width} + col) * ${channels} + channel; }`
          : '  static int element(int, int, int channel) { return channel; }',
      );
    }
    lines.push('};');
    return {
      header: 'sp_elementwise.h',
      about: `${node.round}, ${node.overflow}${divisor === 1 ? '' : `, of x / ${divisor}`}`,
      constants:
        casts.length === 1
          ? []
          : [
              {
                id: `${id}_format`,
                type: casts.length <= 256 ? 'unsigned char' : 'unsigned short',
                note: `which of the ${casts.length} formats of "${node.name}" an element has`,
                values: cases.index.map(String),
              },
            ],
      config: lines,
      call: ([x], y) => [`sp::requantize${list ? '_list' : ''}<${id}_config>(${x}, ${y});`],
      stream: ([x], y) => [eachCall(context, `sp::requantize${list ? '_list' : ''}_op<${id}_config>`, x, y)],
    };
  },
  streams: () => true,
  packets: 'kept',

  cost(context): NodeCost {
    const { node, inputs, type } = context;
    const divided = (inputs[0].node.divisor ?? 1) > 1;
    const rounds = node.round === 'TRN' ? 0 : 1;
    const saturates = node.overflow === 'WRAP' ? 0 : 1;
    // An adder to round, a comparison and a multiplexer to saturate: about a LUT per bit each (hardware §2).
    const divider = divided ? dividerCost(context) : { lut: 0, dsp: 0 };
    const lutEach = type.width * (rounds + 1.5 * saturates) + divider.lut;
    const { formats } = distinctFormats(context);
    const stored =
      formats.length === 1 ? { lut: 0, bram: 0 } : perPacket(context, node.to.shape, bitLength(formats.length - 1));
    return {
      ...passage(context, (rounds + saturates > 0 ? 1 : 0) + (divided ? 3 : 0)),
      multipliers: 0,
      lut: Math.ceil(atOnce(context) * lutEach) + stored.lut,
      dsp: atOnce(context) * divider.dsp,
      bram: stored.bram,
    };
  },

  describe: (context) => {
    const { formats } = distinctFormats(context);
    const { round, overflow } = context.node;
    return `requantize (${round}, ${overflow}) to ${formats.length === 1 ? 'one format' : `${formats.length} formats`}`;
  },
};

/** The division by a constant as it is emitted: a product with its reciprocal, and a subtraction that sees whether something is left. */
function dividerCost(context: NodeContext<RequantizeNode>): { lut: number; dsp: number } {
  const [input] = context.inputs;
  const fraction = Math.max(...distinctFormats(context).formats.map(({ f }) => f));
  const { MULTIPLIER_BITS, KEPT_BITS } = reciprocal(input.type, fraction, input.node.divisor ?? 1);
  const product = multiplier(KEPT_BITS, MULTIPLIER_BITS);
  return { lut: product.lut + 2 * KEPT_BITS, dsp: product.dsp };
}

interface FormatCases {
  readonly formats: readonly Format[];
  /** Case of each element: channels of a list unless positional, else elements of the shape. */
  readonly index: readonly number[];
  readonly positional: boolean;
}

function distinctFormats({ node }: NodeContext<RequantizeNode>): FormatCases {
  const { to, shape, slots } = node;
  const positional = slots === undefined || to.shape.slice(0, 2).some((size) => size > 1);
  const count = positional ? shape.reduce((product, size) => product * size, 1) : shape[2];
  const bits = positional ? expandFormats(to, shape) : undefined;
  const formats: Format[] = [];
  const known = new Map<string, number>();
  const index: number[] = [];
  for (let j = 0; j < count; j++) {
    const raw: Format =
      bits === undefined ? formatOf(to, shape, j) : { k: bits.k[j] === 0 ? 0 : 1, i: bits.i[j], f: bits.f[j] };
    const format: Format = formatWidth(raw) > 0 ? raw : { k: 0, i: 0, f: 0 };
    const key = `${format.k} ${format.i} ${format.f}`;
    let which = known.get(key);
    if (which === undefined) {
      which = formats.length;
      known.set(key, which);
      formats.push(format);
    }
    index.push(which);
  }
  return { formats, index, positional };
}

/** The C++ cast of `x` into one format, or undefined when the result is always 0. */
function castExpression(format: Format, node: RequantizeNode, from: FixedType, divisor: number): string | undefined {
  if (formatWidth(format) <= 0) return undefined;
  const to = typeOfFormat(format);
  // AMD's headers answer -1 here; symmetric saturation leaves 0 as the only value.
  if (node.overflow === 'SAT_SYM' && to.signed && to.width === 1) return undefined;
  let x = 'x';
  let source = from;
  if (divisor > 1) {
    const settings = reciprocal(from, format.f, divisor);
    const { MULTIPLIER, SHIFT, MULTIPLIER_BITS, KEPT_BITS, LEFT, RIGHT, HIGH, quotient } = settings;
    source = quotient;
    const high = HIGH === '0' ? '' : `, ${HIGH}ULL`;
    x = `sp::divide_sticky<${printCpp(quotient)}, ${KEPT_BITS}, ${divisor}, ${MULTIPLIER_BITS}, ${MULTIPLIER}ULL, ${SHIFT}, ${LEFT}, ${RIGHT}${high}>(x)`;
  }
  const dropped = fractionOf(source) - fractionOf(to);
  if (dropped >= source.width) {
    // AMD's headers cannot drop more bits than the source has: give it more first.
    const width = dropped + 1;
    x = `${printCpp({ signed: source.signed, width, int: width - fractionOf(source) })}(${x})`;
  }
  if (node.overflow === 'WRAP_SM' && !to.signed) {
    // Sign-magnitude wrapping of unsigned types is missing in AMD's headers: wrap with one bit more, which then folds the rest.
    const wider = printCpp({ signed: false, width: to.width + 1, int: to.int + 1 }, node.round, 'WRAP');
    return `sp::fold_top_bit<${printCpp(to)}>(${wider}(${x}))`;
  }
  if (node.overflow === 'WRAP_SM' && dropped <= 0) return `${printCpp(to, 'TRN', 'WRAP_SM')}(${x})`;
  if (node.overflow === 'WRAP_SM') {
    // AMD's headers look at the bits above before rounding adds its carry. Rounded into a type with room for the carry first, there is nothing left to round.
    const int = Math.max(source.int + (source.signed ? 0 : 1), to.int) + 1;
    const rounded = printCpp({ signed: true, width: int + fractionOf(to), int }, node.round, 'WRAP');
    return `${printCpp(to, 'TRN', 'WRAP_SM')}(${rounded}(${x}))`;
  }
  return `${printCpp(to, node.round, node.overflow)}(${x})`;
}
