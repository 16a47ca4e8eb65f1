import { textWidth } from '../render/text-width.ts';
import { reject, requireSome, sizeOf } from '../spec/checks.ts';
import { type FigureOptions, figure, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { grouped, short } from '../spec/numbers.ts';
import { fontSizes } from '../theme/theme.ts';
import { type LayoutNode, layoutDiagram } from './diagram-layout.ts';

/** A node of a network. The nodes of a fixed graph are of this form. */
export interface DiagramNode {
  readonly name: string;
  /** What the node computes, for example `'sparseConv2d'`. */
  readonly op: string;
  /** Names of the nodes that feed it, all earlier in the list. */
  readonly inputs: readonly string[];
  /** Without the batch dimension. */
  readonly shape: readonly number[];
  /** Number of list entries when the value is a sparse list. */
  readonly slots?: number | undefined;
  /** The model layer that the node belongs to; neighbouring nodes of a layer are framed. */
  readonly layer?: string | undefined;
  /** Formats of the elements: sign bit, integer bits without sign, fraction bits. */
  readonly format?:
    | { readonly k: readonly number[]; readonly i: readonly number[]; readonly f: readonly number[] }
    | undefined;
  readonly kernel?: { readonly shape: readonly number[] } | undefined;
  readonly pool?: number | readonly number[] | undefined;
  readonly mode?: string | undefined;
  readonly round?: string | undefined;
  readonly overflow?: string | undefined;
}

/** Options of `networkDiagram`. */
export interface NetworkDiagramOptions extends FigureOptions {
  /** Nodes below each other at most; longer networks continue in the next column. @defaultValue 7 */
  readonly ranks?: number | undefined;
}

const kinds = ['input or constant', 'sparse list', 'dense tensor', 'requantize (may lose information)'] as const;
const nodeLimit = 400;
const padding = 12;
const boxHeight = 78;

/**
 * The network as boxes and arrows, each box with operation, shape and number format, framed by layer.
 *
 * @throws FigureError when there is no node, there are more than 400, or an input does not come earlier in the list.
 *
 * @example
 * ```ts
 * const spec = networkDiagram([
 *   { name: 'x', op: 'input', inputs: [], shape: [28, 28, 1] },
 *   { name: 'list', op: 'reduce', inputs: ['x'], shape: [28, 28, 1], slots: 24 },
 * ]);
 * ```
 */
export function networkDiagram(nodes: readonly DiagramNode[], options: NetworkDiagramOptions = {}): VegaLiteSpec {
  requireSome('networkDiagram', 'nodes', nodes.length);
  if (nodes.length > nodeLimit) {
    reject('networkDiagram', 'nodes', `has ${nodes.length} entries`, `draw at most ${nodeLimit}, for example one part`);
  }
  const seen = new Set<string>();
  for (const { name, inputs, shape } of nodes) {
    sizeOf('networkDiagram', `shape of node '${name}'`, shape);
    const unknown = inputs.find((input) => !seen.has(input));
    if (unknown !== undefined) {
      reject('networkDiagram', `input '${unknown}' of node '${name}'`, 'does not come earlier', 'sort the nodes');
    }
    if (seen.has(name)) reject('networkDiagram', `name '${name}'`, 'occurs twice', 'give each node its own');
    seen.add(name);
  }
  const ranks = options.ranks ?? 7;
  if (!Number.isInteger(ranks) || ranks < 1)
    reject('networkDiagram', 'ranks', `is ${ranks}`, 'give a positive integer');

  const theme = themeOf('networkDiagram', options);
  const texts = nodes.map((node) => ({ node, operation: operationText(node), value: valueText(node) }));
  const widest = Math.max(
    ...texts.map(({ node, operation, value }) =>
      Math.max(
        textWidth(node.name, fontSizes.axis, 'bold'),
        textWidth(operation, fontSizes.label),
        textWidth(value, fontSizes.label),
      ),
    ),
  );
  const boxWidth = Math.ceil(Math.max(180, widest + 2 * padding + 6));
  const layoutNodes: readonly LayoutNode[] = nodes;
  const layout = layoutDiagram(layoutNodes, { boxWidth, boxHeight, ranks });
  const boxes = layout.nodes.map(({ x, y }, index): JsonObject => {
    const { node, operation, value } = texts[index];
    return {
      x,
      y,
      x2: x + boxWidth,
      y2: y + boxHeight,
      strip: x + 6,
      kind: kindOf(node),
      name: node.name,
      operation,
      value,
    };
  });
  const corners = layout.edges.flatMap(({ points }, edge) =>
    points.map(([x, y], at): JsonObject => ({ edge, at, x, y })),
  );
  const arrows = layout.edges.map(({ points }): JsonObject => {
    const [x, y] = points[points.length - 1];
    return { x, y: y - 5 };
  });
  const horizontal = {
    field: 'x',
    type: 'quantitative',
    axis: null,
    scale: { domain: [0, layout.width], nice: false, zero: false },
  };
  const vertical = {
    field: 'y',
    type: 'quantitative',
    axis: null,
    scale: { domain: [0, layout.height], nice: false, zero: false, reverse: true },
  };
  const box = { x: horizontal, x2: { field: 'x2' }, y: vertical, y2: { field: 'y2' } };
  const line = (field: string, dy: number, mark: JsonObject): JsonObject => ({
    data: rows(boxes),
    mark: { type: 'text', align: 'left', baseline: 'middle', dx: padding + 4, dy, ...mark },
    encoding: { x: horizontal, y: vertical, text: { field, type: 'nominal' } },
  });
  const present = kinds.filter((kind) => boxes.some((entry) => entry['kind'] === kind));
  const colors = [theme.neutral, theme.good, theme.accent, theme.warning];
  const layer: JsonObject[] = [
    {
      data: rows(layout.groups.map((group): JsonObject => ({ ...group }))),
      mark: { type: 'rect', color: theme.panel, stroke: theme.grid, cornerRadius: 8 },
      encoding: box,
    },
    {
      data: rows(layout.groups.map((group): JsonObject => ({ ...group }))),
      mark: {
        type: 'text',
        align: 'left',
        baseline: 'top',
        dx: 11,
        dy: 7,
        color: theme.muted,
        fontStyle: 'italic',
        // Arrows come in at the middle.
        limit: boxWidth / 2 - 14,
      },
      encoding: { x: horizontal, y: vertical, text: { field: 'layer', type: 'nominal' } },
    },
    {
      data: rows(corners),
      mark: { type: 'line', color: theme.axis, strokeWidth: 2, strokeJoin: 'round' },
      encoding: {
        x: horizontal,
        y: vertical,
        detail: { field: 'edge', type: 'nominal' },
        order: { field: 'at', type: 'quantitative' },
      },
    },
    {
      data: rows(arrows),
      mark: { type: 'point', shape: 'triangle-down', filled: true, size: 110, color: theme.axis, opacity: 1 },
      encoding: { x: horizontal, y: vertical },
    },
    {
      data: rows(boxes),
      mark: { type: 'rect', color: theme.background, stroke: theme.axis, strokeWidth: 1.2, cornerRadius: 5 },
      encoding: box,
    },
    {
      data: rows(boxes),
      mark: { type: 'rect', cornerRadiusTopLeft: 5, cornerRadiusBottomLeft: 5 },
      encoding: {
        ...box,
        x2: { field: 'strip' },
        color: {
          field: 'kind',
          type: 'nominal',
          scale: { domain: present, range: present.map((kind) => colors[kinds.indexOf(kind)]) },
          legend: { title: null, orient: 'bottom', direction: 'horizontal', symbolType: 'square', columnPadding: 18 },
        },
      },
    },
    line('name', 17, { fontWeight: 'bold', fontSize: fontSizes.axis }),
    line('operation', 39, { color: theme.muted }),
    line('value', 60, {}),
  ];
  const caption = {
    title: 'Network',
    notes: [`${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'} with operation, shape and number format`],
    description: `Diagram of a network of ${nodes.length} nodes.`,
  };
  return figure(options, caption, { width: layout.width, height: layout.height, layer });
}

function kindOf(node: DiagramNode): (typeof kinds)[number] {
  if (node.op === 'requantize') return kinds[3];
  if (node.op === 'input' || node.op === 'constant') return kinds[0];
  return node.slots === undefined ? kinds[2] : kinds[1];
}

function operationText(node: DiagramNode): string {
  const parts = [node.op];
  if (node.kernel) parts.push(node.kernel.shape.join('×'));
  if (node.pool) parts.push(`${node.mode ?? ''} ${[node.pool].flat().join('×')}`.trim());
  if (node.round) parts.push([node.round, node.overflow].filter(Boolean).join(' '));
  return parts.join(' ');
}

function valueText(node: DiagramNode): string {
  const shape = node.shape.length === 0 ? 'scalar' : node.shape.join('×');
  const size = node.slots === undefined ? shape : `${grouped(node.slots)} of ${shape}`;
  return node.format ? `${size} · ${formatText(node.format)}` : size;
}

/** One format in the words of `ap_fixed`, several as their range of widths. */
function formatText(format: NonNullable<DiagramNode['format']>): string {
  const widths = format.k.map((k, index) => Math.max(0, k + format.i[index] + format.f[index]));
  const low = widths.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = widths.reduce((a, b) => Math.max(a, b), 0);
  const same = (values: readonly number[]) => values.every((value) => value === values[0]);
  if (same(format.k) && same(format.i) && same(format.f)) {
    if (high === 0) return 'constant 0';
    return `${format.k[0] ? '' : 'u'}fixed<${high},${format.k[0] + format.i[0]}>`;
  }
  return low === high ? `${short(high)} bits` : `${low}–${high} bits`;
}
