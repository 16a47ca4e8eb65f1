import type { FixedGraph } from '@sp/quant';
import type { IoType } from '../config/config.ts';
import type { Decisions } from '../kernels/kernel.ts';
import type { FixedType } from './fixed-type.ts';

/** Decisions about the whole project. */
export interface ProjectSettings {
  readonly ioType: IoType;
  readonly pipelineStyle: 'dataflow' | 'pipeline';
  /** Nanoseconds. */
  readonly clockPeriod: number;
  /** Percent of the period. */
  readonly clockUncertainty: number;
  readonly part: string;
  readonly backend: 'Vitis' | 'Vivado';
}

/** Decisions about one node. */
export interface NodePlan {
  /** The node's name in the graph. */
  readonly node: string;
  readonly op: string;
  /** C++ identifier of its value. */
  readonly id: string;
  /** C++ type of its numbers: holds every format of the node. */
  readonly type: FixedType;
  /** How the node's kernel is built; the keys depend on `op`. */
  readonly decisions: Decisions;
}

/** Everything that was decided about a firmware, as plain data. */
export interface HlsPlan {
  readonly version: 1;
  /** C++ name of the top function and of the project's files. */
  readonly name: string;
  /** The graph that is built: the one given, with the precisions that were asked for. */
  readonly graph: FixedGraph;
  readonly settings: ProjectSettings;
  /** One entry per node of the graph, in its order. */
  readonly nodes: readonly NodePlan[];
}
