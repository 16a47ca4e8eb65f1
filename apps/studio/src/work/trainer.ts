import type { NetworkSpec } from '../project/network.ts';
import type { EpochLogs, RunResult } from '../project/run.ts';
import type { TrainingSettings } from '../project/training-settings.ts';
import { checkpointsOf, keep, kept } from './storage.ts';
import type { StudyData } from './study-data.ts';
import { trainedState, trainRun } from './train-run.ts';

/** What a training tells while it runs. */
export type TrainingNote =
  | { readonly kind: 'epoch'; readonly logs: EpochLogs }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'paused' };

/** How a training has ended. */
export interface TrainingEnd {
  readonly history: readonly EpochLogs[];
  readonly result: RunResult;
  readonly wasAborted: boolean;
}

const abort = new AbortController();
let gate: { readonly opened: Promise<void>; readonly open: () => void } | undefined;

/** Trains a run of a project, from its newest checkpoint on; notes are `TrainingNote`s. One training per worker. */
export async function train(
  given: {
    readonly project: string;
    readonly run: { readonly id: string; readonly network: NetworkSpec; readonly training: TrainingSettings };
  },
  note: (value: unknown) => void,
): Promise<TrainingEnd> {
  const { project, run } = given;
  const tell = (value: TrainingNote): void => note(value);
  const data = await kept<StudyData>('data', project);
  if (data === undefined) throw new Error('The images are not kept in this browser any more; choose them again.');
  const { model, history, result, wasAborted } = await trainRun({
    network: run.network,
    training: run.training,
    data,
    checkpoints: checkpointsOf(run.id),
    signal: abort.signal,
    note: (text) => tell({ kind: 'note', text: text.trim() }),
    onEpoch: (logs) => tell({ kind: 'epoch', logs }),
    between: async () => {
      if (gate === undefined) return;
      tell({ kind: 'paused' });
      await gate.opened;
    },
  });
  await keep('models', run.id, trainedState(model));
  return { history, result, wasAborted };
}

/** Holds the training before its next epoch. */
export function pause(): void {
  if (gate !== undefined) return;
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  gate = { opened, open };
}

/** Lets a paused training go on. */
export function goOn(): void {
  gate?.open();
  gate = undefined;
}

/** Ends the training after the present step; its newest checkpoint stays. */
export function stop(): void {
  abort.abort();
  goOn();
}
