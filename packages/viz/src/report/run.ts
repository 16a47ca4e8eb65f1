import type { ActivePixelsRow } from '../figures/active-pixels-vs-threshold-plot.ts';
import type { ConfusionMatrixInput } from '../figures/confusion-matrix.ts';
import type { LayerEbops } from '../figures/ebops-by-layer.ts';
import type { HistoryEpoch } from '../figures/history.ts';
import type { PartResources, PlanCost } from '../figures/latency-vs-resources.ts';
import type { LayerOutput } from '../figures/layer-outputs-plot.ts';
import type { DiagramNode } from '../figures/network-diagram.ts';
import type { ParallelAxis, ParallelRow } from '../figures/parallel-coordinates.ts';
import type { ParameterImportance } from '../figures/parameter-importance.ts';
import type { ParetoPoint } from '../figures/pareto-front-plot.ts';
import type { ProfileEntry } from '../figures/profile-plot.ts';
import type { TensorBits } from '../figures/quantization.ts';
import type { ReducedExample, ReducedExamplesInput } from '../figures/reduced-examples-plot.ts';
import type { RocInput } from '../figures/roc-curve.ts';

/** A headline number of a run. */
export interface ReportFact {
  readonly label: string;
  readonly value: string | number;
  /** A few words on what the number means or where it comes from. */
  readonly note?: string | undefined;
  /** Colours the value: `'good'` and `'bad'` for checks that passed or failed. */
  readonly tone?: 'good' | 'bad' | undefined;
}

/** One layer (or node) whose values were compared between the views of the network. */
export interface VerificationRow {
  readonly name: string;
  /** Codes compared. */
  readonly compared: number;
  /** Codes that differ; `undefined` when the comparison was not made. Keyed by the two views compared. */
  readonly mismatches: Readonly<Record<string, number | undefined>>;
}

/** A table of the report. Numbers are set flush right. */
export interface ReportTable {
  readonly title: string;
  /** A sentence below the title. */
  readonly note?: string | undefined;
  readonly columns: readonly string[];
  /** As many cells as there are columns; `null` is left empty. */
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** A file that belongs to the run. */
export interface ReportFile {
  /** Relative to the report; becomes a link. */
  readonly path: string;
  readonly note: string;
}

/** The figures of a search for good settings. */
export interface ReportSearch {
  readonly trials: readonly ParallelRow[];
  /** Axes of what was searched, in the order of the figures. */
  readonly parameters: readonly ParallelAxis[];
  /** Axes of what came of it. */
  readonly metrics: readonly ParallelAxis[];
  /** By metric. */
  readonly importance: Readonly<Record<string, readonly ParameterImportance[]>>;
  /** Two metrics against each other: the first on the horizontal axis is paid, the second gained. */
  readonly fronts?: readonly {
    readonly points: readonly ParetoPoint[];
    readonly cost: string;
    readonly score: string;
  }[];
}

/**
 * Everything a report can show. Each part is optional but the name; a part that is missing is left out of the page.
 */
export interface ReportRun {
  readonly name: string;
  /** A sentence below the heading: data, network, date. */
  readonly description?: string | undefined;
  readonly facts?: readonly ReportFact[] | undefined;

  /** A search: its trials, and what of them matters. */
  readonly search?: ReportSearch | undefined;

  /** Data: pixels above each threshold, with the chosen values. */
  readonly activePixels?:
    | { readonly rows: readonly ActivePixelsRow[]; readonly n?: number; readonly threshold?: number }
    | undefined;
  readonly examples?: ReducedExamplesInput | readonly ReducedExample[] | undefined;

  /** Training. */
  readonly history?: readonly HistoryEpoch[] | undefined;
  readonly bestEpoch?: number | undefined;
  readonly pareto?: readonly ParetoPoint[] | undefined;

  /** Answers of the trained network. */
  readonly answers?: ConfusionMatrixInput | undefined;
  readonly roc?: readonly RocInput[] | undefined;

  /** The network and what it costs. */
  readonly graph?: readonly DiagramNode[] | undefined;
  readonly layerOutputs?: ReadonlyMap<string, LayerOutput> | undefined;
  readonly tensors?: readonly TensorBits[] | undefined;
  readonly ebops?: readonly LayerEbops[] | undefined;
  readonly profile?: readonly ProfileEntry[] | undefined;

  /** Comparison of the views of the network, layer by layer. */
  readonly verification?: readonly VerificationRow[] | undefined;
  /** Decisions of the firmware plan, for example one row per node. */
  readonly plan?: ReportTable | undefined;
  readonly plans?: readonly PlanCost[] | undefined;
  /** What the part of the plans has. */
  readonly part?: PartResources | undefined;

  /** Whatever else there is to say. */
  readonly tables?: readonly ReportTable[] | undefined;
  readonly files?: readonly ReportFile[] | undefined;
}
