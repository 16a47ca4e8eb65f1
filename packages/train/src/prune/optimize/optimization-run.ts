import type { ModelState } from '@sp/layers';
import { nodeModules } from '@sp/quant/files';
import { openJournal } from '../../tune/journal.ts';
import type { Point } from '../../tune/space.ts';
import type { Json } from '../../tune/trial.ts';
import { readStateFile, writeStateFile } from '../builder/state-store.ts';
import type { SparsityState } from '../schedule/sparsity-scheduler.ts';

/** One step of an optimisation: groups chosen, trained on, judged. Plain data. */
export interface OptimizationStep {
  /** Counts from 1. */
  readonly step: number;
  /** Share of the resources that was to be saved. */
  readonly sparsity: number;
  /** On the validation data; null: it was no number. */
  readonly metric: number | null;
  /** Whether the metric is within the tolerance. */
  readonly good: boolean;
  /** What the groups that were kept need, per dimension of the objective. */
  readonly resources: readonly number[];
  /** Share of zeros in all kernels. */
  readonly zeros: number;
  /** Whether the knapsack was solved to its optimum. */
  readonly optimal: boolean;
  /** What computed the training, as in `FitResult.engine`. */
  readonly engine?: string;
  /** What `measure` said. */
  readonly measured?: Readonly<Record<string, number>>;
}

/** Lines of the journal, in this order: one baseline, one tuning, steps, one end. */
export type RunEntry =
  | { readonly kind: 'baseline'; readonly metric: number; readonly measured?: Readonly<Record<string, number>> }
  | { readonly kind: 'tuned'; readonly point: Point }
  | ({
      readonly kind: 'step';
      readonly next: SparsityState;
      readonly goes: boolean;
      readonly bad: number;
    } & OptimizationStep)
  | {
      readonly kind: 'end';
      readonly metric: number;
      readonly cutOff: boolean;
      readonly measured?: Readonly<Record<string, number>>;
    };

/** What belongs to the last line: all that is needed to go on from there. */
export interface RunState {
  readonly model: ModelState;
  readonly ebopsFactors: ReadonlyMap<string, number>;
  /** The last model that was good. */
  readonly best: BestState;
  /** The reduced model after its training. */
  readonly reduced: ModelState | null;
}

/** A model that was good, and how it came about. */
export interface BestState {
  readonly model: ModelState;
  readonly ebopsFactors: ReadonlyMap<string, number>;
  /** Step; 0: the baseline. */
  readonly step: number;
  readonly masks: ReadonlyMap<string, Float32Array>;
  readonly offsets: ReadonlyMap<string, Float32Array>;
}

/** What is remembered of an optimisation. */
export interface OptimizationRun {
  readonly entries: readonly RunEntry[];
  /** Of the last entry; null without any. */
  readonly state: RunState | null;
  /** Folder for the tuner; null: in memory. */
  readonly tuning: string | null;
  save(entry: RunEntry, state: RunState): Promise<void>;
  close(): Promise<void>;
}

/** Remembers in memory. */
export function memoryRun(): OptimizationRun {
  const entries: RunEntry[] = [];
  return { entries, state: null, tuning: null, save: async (entry) => void entries.push(entry), close: async () => {} };
}

const HEAD = '@sp/train pruning 1 ';

/**
 * Remembers in a folder: a journal, and the state that belongs to its last line. The state is on the disk before its line is, under the number of the line, so
 * that the two agree whenever the process is killed.
 */
export async function folderRun(directory: string, settings: Readonly<Record<string, Json>>): Promise<OptimizationRun> {
  const { fs, path } = nodeModules();
  await fs.mkdir(directory, { recursive: true });
  const journal = await openJournal<RunEntry>(path.join(directory, 'journal.jsonl'), 'pruning', settings);
  const fileOf = (line: number): string => path.join(directory, `state-${String(line).padStart(4, '0')}.bin`);
  const tuning = path.join(directory, 'tuning');
  try {
    const { entries } = journal;
    const state = entries.length === 0 ? null : await readStateFile<RunState>(fileOf(entries.length), HEAD);
    return {
      entries,
      state,
      tuning,
      async save(entry, next) {
        const own = fileOf(entries.length + 1);
        await writeStateFile(own, HEAD, next);
        await journal.append(entry);
        const old = (await fs.readdir(directory)).filter((name) => /^state-\d+\.bin$/.test(name));
        for (const name of old)
          if (path.join(directory, name) !== own) await fs.rm(path.join(directory, name), { force: true });
        // What the trials trained is in the state now.
        if (entry.kind === 'tuned') await fs.rm(tuning, { recursive: true, force: true });
      },
      close: () => journal.close(),
    };
  } catch (error) {
    await journal.close();
    throw error;
  }
}
