import type { OverflowMode, RoundMode } from '@sp/quant';
import { sealed } from '@sp/quant/files';
import type { FormatTable } from '@sp/quant/internal';
import type { HlsConfig } from '../config/config.ts';
import type { Decisions } from '../kernels/kernel.ts';
import { bytesOf, type FixedType, printCpp } from '../plan/fixed-type.ts';
import type { HlsPlan, ProjectSettings } from '../plan/hls-plan.ts';

/** A node in `project.json`: all that is needed to feed the compiled network and to understand what it answers. */
export interface ProjectNode {
  readonly name: string;
  readonly op: string;
  readonly layer?: string;
  readonly id: string;
  readonly shape: readonly number[];
  readonly slots?: number;
  readonly divisor?: number;
  readonly format: FormatTable;
  readonly type: FixedType;
  /** `type` as C++ text. */
  readonly cpp: string;
  /** Bytes of a code in the simulation's protocol. */
  readonly bytes: number;
  /** Of an input node. */
  readonly round?: RoundMode;
  /** Of an input node. */
  readonly overflow?: OverflowMode;
  readonly decisions: Decisions;
}

/** The contents of `project.json`. */
export interface ProjectDescription {
  readonly format: 'sp-hls-project';
  /** 2; projects of version 1 have no checksum and can be read. */
  readonly version: 1 | 2;
  readonly name: string;
  readonly settings: ProjectSettings;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** What was asked for, where the writer said so: `plan(graph, config)` makes the same plan, with its precisions. */
  readonly config?: HlsConfig;
  readonly nodes: readonly ProjectNode[];
}

/**
 * Describes the project of a plan.
 *
 * @param config the plan was made with
 */
export function describeProject(plan: HlsPlan, config?: HlsConfig): ProjectDescription {
  return {
    format: 'sp-hls-project',
    version: 2,
    name: plan.name,
    settings: plan.settings,
    inputs: plan.graph.nodes.filter(({ op }) => op === 'input').map(({ name }) => name),
    outputs: plan.graph.outputs,
    ...(config === undefined ? {} : { config }),
    nodes: plan.graph.nodes.map((node, j): ProjectNode => {
      const { id, type, decisions } = plan.nodes[j];
      return {
        name: node.name,
        op: node.op,
        ...(node.layer === undefined ? {} : { layer: node.layer }),
        id,
        shape: node.shape,
        ...(node.slots === undefined ? {} : { slots: node.slots }),
        ...(node.divisor === undefined ? {} : { divisor: node.divisor }),
        format: node.format,
        type,
        cpp: printCpp(type),
        bytes: bytesOf(type),
        ...(node.op === 'input' ? { round: node.round, overflow: node.overflow } : {}),
        decisions,
      };
    }),
  };
}

/** The description as JSON text with a checksum of itself, one node per line. */
export function printProject(description: ProjectDescription): string {
  const { nodes, ...head } = sealed(description) as unknown as ProjectDescription;
  const text = JSON.stringify(head, undefined, 2);
  return `${text.slice(0, -2)},\n  "nodes": [\n${nodes.map((node) => `    ${JSON.stringify(node)}`).join(',\n')}\n  ]\n}\n`;
}
