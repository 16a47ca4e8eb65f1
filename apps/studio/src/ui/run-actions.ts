import { signal } from '@preact/signals';
import { newTrainer, type Trainer } from '../client/desk.ts';
import type { Run } from '../project/run.ts';
import { networkShapes } from '../project/shapes.ts';
import { trainingProblems } from '../project/training-settings.ts';
import { forget } from '../work/storage.ts';
import type { TrainingNote } from '../work/trainer.ts';
import { attempt, change, changeRun, newId, project, say, sayError, summary } from './session.ts';

/** Workers of the runs that are being trained. */
const trainers = new Map<string, Trainer>();

/** What is wrong with the training that would begin now, in a sentence; undefined: nothing. */
export function whyNotTrain(): string | undefined {
  const { network, training } = project.value;
  if (summary.value === null) return 'Choose images first.';
  if (networkShapes(network, summary.value).problems.length > 0)
    return 'Mend the network first: its step marks what is wrong.';
  const [problem] = Object.entries(trainingProblems(training));
  return problem === undefined ? undefined : `Mend ${problem[0]}: ${problem[1]}.`;
}

/** Begins a run with the network and settings as they are. */
export async function beginRun(): Promise<void> {
  const why = whyNotTrain();
  if (why !== undefined) return sayError(why);
  const { network, training, runs } = project.value;
  const number = Math.max(0, ...runs.map(({ name }) => Number(/^Run (\d+)$/.exec(name)?.[1] ?? 0))) + 1;
  const run: Run = {
    id: newId(),
    name: `Run ${number}`,
    network,
    training,
    state: 'training',
    history: [],
    result: null,
    notes: [],
  };
  change({ runs: [...runs, run] });
  await trainOn(run.id);
}

/** Trains a run, from its newest checkpoint on. */
export async function trainOn(id: string): Promise<void> {
  const run = runOf(id);
  if (run === undefined || trainers.has(id)) return;
  const trainer = newTrainer();
  trainers.set(id, trainer);
  changeRun(id, { state: 'training', result: null });
  say(`${run.name} is being trained.`);
  const { network, training } = run;
  try {
    const end = await trainer.call('train', { project: project.value.id, run: { id, network, training } }, (note) =>
      hear(id, note as TrainingNote),
    );
    const { history, result, wasAborted } = end;
    changeRun(id, { state: wasAborted ? 'stopped' : 'finished', history, result });
    const percent = (100 * result.testAccuracy).toFixed(1);
    say(`${run.name} has ${wasAborted ? 'been stopped' : 'finished'}: ${percent} % of the test images right.`);
  } catch (error) {
    // A run that was removed meanwhile.
    if (runOf(id) === undefined) return;
    const text = error instanceof Error ? error.message : String(error);
    changeRun(id, { state: 'failed', notes: [...(runOf(id)?.notes ?? []), text] });
    sayError(`${run.name}: ${text}`);
  } finally {
    trainers.delete(id);
    trainer.end();
  }
}

function hear(id: string, note: TrainingNote): void {
  const run = runOf(id);
  if (run === undefined) return;
  switch (note.kind) {
    case 'epoch': {
      const { epoch } = note.logs;
      changeRun(id, { history: [...run.history.filter((logs) => logs['epoch'] < epoch), note.logs] });
      return;
    }
    case 'note':
      if (!run.notes.includes(note.text)) changeRun(id, { notes: [...run.notes, note.text] });
      return;
    case 'paused':
      changeRun(id, { state: 'paused' });
      say(`${run.name} is paused after epoch ${run.history.length}.`);
      return;
    default:
      throw new Error(`unknown note ${JSON.stringify(note satisfies never)}`);
  }
}

/** Holds a run before its next epoch. */
export function pauseRun(id: string): void {
  changeRun(id, { state: 'pausing' });
  void attempt(async () => trainers.get(id)?.call('pause', undefined));
}

/** Lets a paused run go on. */
export function resumeRun(id: string): void {
  changeRun(id, { state: 'training' });
  void attempt(async () => trainers.get(id)?.call('goOn', undefined));
}

/** Ends a run now; it can go on later. */
export function stopRun(id: string): void {
  void attempt(async () => trainers.get(id)?.call('stop', undefined));
}

/** Removes a run and all that was kept of it. */
export async function removeRun(id: string): Promise<void> {
  const run = runOf(id);
  change({ runs: project.value.runs.filter((other) => other.id !== id) });
  trainers.get(id)?.end();
  await attempt(async () => {
    await forget('checkpoints', id);
    await forget('models', id);
  });
  say(`${run?.name ?? 'The run'} was removed.`);
}

/** Ends all trainings, before the page turns to another project. */
export function endTrainings(): void {
  for (const trainer of trainers.values()) trainer.end();
  trainers.clear();
}

function runOf(id: string): Run | undefined {
  return project.value.runs.find((run) => run.id === id);
}

/** The run whose network is looked at; undefined: none. */
export const lookedRun = signal<string | null>(null);
