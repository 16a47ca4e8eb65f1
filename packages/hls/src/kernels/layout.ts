import type { GraphNode } from '@sp/quant';
import type { ConcatNode, PadNode, ReshapeNode, TakeNode, TransposeNode } from '@sp/quant/internal';
import { stridesOf } from '@sp/quant/numeric';
import { WIRES } from '../estimate/cost.ts';
import { numbersOf, passage } from './elementwise.ts';
import { placeExpression, placeFunction } from './index-expression.ts';
import { isConstant, type Kernel, type KernelCode, type NodeContext, packetsOf } from './kernel.ts';

/** The same numbers under another shape. As a stream nothing but the packets may change. */
export const reshapeKernel: Kernel<ReshapeNode> = {
  ...layoutKernel<ReshapeNode>(
    'reshape',
    ({ node }) => `reshape to ${node.shape.join(' x ')}`,
    () => ['j'],
  ),
  emit(context) {
    const { id, inputs } = context;
    const code = gathering(context, ['j']);
    if (context.ioType === 'io_parallel' || !regroups(context)) return code;
    const [from, to] = [packetsOf(inputs[0]), packetsOf(context)];
    const [way, count] = to >= from ? ['split', from] : ['merge', to];
    return {
      ...code,
      streamHeader: 'sp_layout_stream.h',
      stream: ([x], y) => [`sp::${way}_packets<${count}, ${id}_packet>(${x}, ${y});`],
    };
  },
  streams: regroups,
  packets: 'regrouped',
  rhythm(context) {
    const [from, to] = [packetsOf(context.inputs[0]), packetsOf(context)];
    return {
      kind: 'loop',
      late: 0,
      *iterations() {
        for (let j = 0; j < Math.max(from, to); j++) {
          yield { takes: to < from || j % (to / from) === 0, gives: to >= from || (j + 1) % (from / to) === 0 };
        }
      },
    };
  },
  cost(context) {
    if (!regroups(context)) return WIRES;
    const cycles = Math.max(packetsOf(context.inputs[0]), packetsOf(context));
    return { ...WIRES, latency: cycles + 1, interval: cycles };
  },
};

/** Whether packets of the result are parts of those of the input, or some of them together. */
function regroups(context: NodeContext): boolean {
  const [from, to] = [packetsOf(context.inputs[0]), packetsOf(context)];
  return context.ioType === 'io_stream' && (to % from === 0 || from % to === 0);
}

/** Dimensions in another order. */
export const transposeKernel: Kernel<TransposeNode> = layoutKernel(
  'transpose',
  ({ node }) => `transpose (${node.perm.join(', ')})`,
  ({ node, inputs }) => {
    const strides = stridesOf(inputs[0].node.shape);
    return [
      placeExpression(
        'j',
        node.shape,
        node.perm.map((d) => strides[d]),
      ),
    ];
  },
);

/** Slices along a dimension: a progression as arithmetic, any other choice as a table of places. */
export const takeKernel: Kernel<TakeNode> = layoutKernel(
  'take',
  ({ node }) => `take along axis ${node.axis}`,
  ({ node, inputs }) => {
    const { axis, indices, shape } = node;
    const strides = stridesOf(inputs[0].node.shape);
    const [first, second = first] = indices;
    const step = second - first;
    if (indices.every((index, j) => index === first + j * step)) {
      const place = placeExpression('j', shape, strides.with(axis, step * strides[axis]));
      return [first === 0 ? place : `${first * strides[axis]} + ${place}`];
    }
    const others = placeExpression('j', shape, strides.with(axis, 0));
    const inner = stridesOf(shape)[axis];
    const chosen = `places[${inner === 1 ? 'j' : `j / ${inner}`}${axis === 0 ? '' : ` % ${indices.length}`}]`;
    return [
      others === '0' ? chosen : `${chosen} + ${others}`,
      '',
      [`static const int places[] = {${indices.map((index) => index * strides[axis]).join(', ')}};`],
    ];
  },
);

/** Zeros around a tensor. */
export const padKernel: Kernel<PadNode> = layoutKernel(
  'pad',
  ({ node }) => `pad ${node.pads.map(([before, after]) => `${before}|${after}`).join(' ')}`,
  ({ node, inputs }) => {
    const from = inputs[0].node.shape;
    const target = stridesOf(node.shape);
    const source = stridesOf(from);
    const terms: string[] = [];
    const outside: string[] = [];
    from.forEach((size, d) => {
      const [before, after] = node.pads[d];
      const position = `j / ${target[d]} % ${node.shape[d]} - ${before}`;
      if (before > 0) outside.push(`${position} < 0`);
      if (after > 0) outside.push(`${position} >= ${size}`);
      if (size > 1) terms.push(`(${position}) * ${source[d]}`);
    });
    return [terms.join(' + ') || '0', outside.join(' || ')];
  },
);

/** Values one after the other along an axis. */
export const concatKernel: Kernel<ConcatNode> = {
  op: 'concat',
  options: [],
  loops: () => false,
  decide: () => ({}),
  emit(context) {
    const { node, id, inputs } = context;
    const list = node.slots !== undefined;
    const inner = node.shape.slice(node.axis + 1).reduce((product, size) => product * size, 1);
    const outer = node.slots ?? node.shape.slice(0, node.axis).reduce((product, size) => product * size, 1);
    const total = node.shape[node.axis] * inner;
    const names = inputs.map((_, p) => `x${p}`);
    const parameters = inputs.map((input, p) =>
      list ? `const ${input.id}_t &${names[p]}` : `const ${input.id}_t ${names[p]}[${numbersOf(input)}]`,
    );
    let offset = 0;
    const places = inputs.map(({ node: { shape } }, p) => {
      const size = shape[node.axis] * inner;
      const [from, to] = list ? [`${names[p]}.feature`, 'y.feature'] : [names[p], 'y'];
      const line = `  sp::place<${outer}, ${size}, ${total}, ${offset}>(${from}, ${to});`;
      offset += size;
      return line;
    });
    const streamed = streamsConcat(context);
    return {
      header: 'sp_layout.h',
      ...(streamed
        ? { stream: (xs: readonly string[], y: string) => [`${id}_function(${[...xs, y].join(', ')});`] }
        : {}),
      config: streamed
        ? concatOfStreams(context)
        : [
            `inline void ${id}_function(${parameters.join(', ')}, ${id}_t ${list ? '&y' : `y[${outer * total}]`}) {`,
            '  SP_HLS(PIPELINE)',
            ...(list ? ['  sp::copy_pixels(x0, y);'] : []),
            ...places,
            '}',
          ],
      call: (xs, y) => [`${id}_function(${[...xs, y].join(', ')});`],
    };
  },
  streams: streamsConcat,
  constantOperands: true,
  cost: (context) => (streamsConcat(context) ? { ...WIRES, ...passage(context, 0) } : WIRES),
  describe: ({ node }) => `concatenate along axis ${node.axis}`,
};

/** Whether operands come as streams and are joined within packets. */
function streamsConcat({ node, inputs, ioType }: NodeContext<ConcatNode>): boolean {
  return ioType === 'io_stream' && node.axis === node.shape.length - 1 && !inputs.every(isConstant);
}

/** The function that joins packets of its operands, or slots. */
function concatOfStreams(context: NodeContext<ConcatNode>): string[] {
  const { node, id, inputs } = context;
  const list = node.slots !== undefined;
  const field = list ? 'feature' : 'data';
  const number = list ? `${id}_t::feature_t` : `${id}_t`;
  const parameters = inputs.map((input, p) =>
    isConstant(input) ? `const ${input.id}_t *x${p}` : `sp::stream<${input.id}_packet> &x${p}`,
  );
  let offset = 0;
  const moves = inputs.flatMap((input, p) => {
    const { shape } = input.node;
    const size = shape[shape.length - 1];
    const element = isConstant(input) ? `x${p}[i * ${size} + c]` : `p${p}.${field}[c]`;
    const lines = [
      `    for (int c = 0; c < ${size}; ++c) {`,
      '      SP_HLS(UNROLL)',
      `      q.${field}[${offset === 0 ? 'c' : `${offset} + c`}] = ${number}(${element});`,
      '    }',
    ];
    offset += size;
    return lines;
  });
  return [
    `inline void ${id}_function(${parameters.join(', ')}, sp::stream<${id}_packet> &y) {`,
    '  SP_LOOP(Packets)',
    `  for (int i = 0; i < ${packetsOf(context)}; ++i) {`,
    '    SP_HLS(PIPELINE II=1)',
    ...inputs.flatMap((input, p) => (isConstant(input) ? [] : [`    const ${input.id}_packet p${p} = x${p}.read();`])),
    `    ${id}_packet q;`,
    ...(list ? ['    q.valid = p0.valid;', '    q.row = p0.row;', '    q.col = p0.col;'] : []),
    ...moves,
    '    y.write(q);',
    '  }',
    '}',
  ];
}

/** A kernel whose result j is the input's element `[expression, condition for 0, statements before]`. */
function layoutKernel<N extends GraphNode>(
  op: N['op'],
  describe: (context: NodeContext<N>) => string,
  source: (context: NodeContext<N>) => readonly [string, string?, (readonly string[])?],
): Kernel<N> {
  return {
    op,
    options: [],
    loops: () => false,
    decide: () => ({}),
    emit: (context) => gathering(context, source(context)),
    cost: () => WIRES,
    describe,
  };
}

function gathering(
  context: NodeContext,
  [place, outside, before]: readonly [string, string?, (readonly string[])?],
): KernelCode {
  const { id } = context;
  return {
    header: 'sp_layout.h',
    config: [
      `struct ${id}_config {`,
      `  static const int size = ${numbersOf(context)};`,
      placeFunction('source', 'j', outside ? `${outside} ? -1 : ${place}` : place, before),
      '};',
    ],
    call: ([x], y) => [`sp::gather<${id}_config>(${x}, ${y});`],
  };
}
