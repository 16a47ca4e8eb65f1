import { useEffect, useRef, useState } from 'preact/hooks';
import { canGoOn, type EpochLogs, isDone, type Run } from '../project/run.ts';
import { type TrainingSettings, trainingProblems } from '../project/training-settings.ts';
import { number } from './amounts.ts';
import { NumberField } from './field.tsx';
import { Figure } from './figure.tsx';
import { Fact } from './network-step.tsx';
import { beginRun, lookedRun, pauseRun, removeRun, resumeRun, stopRun, trainOn, whyNotTrain } from './run-actions.ts';
import { change, project } from './session.ts';

/** Train, watch, and compare runs. */
export function TrainingStep() {
  const { runs } = project.value;
  return (
    <>
      <Settings />
      {runs.length > 1 && <Compared runs={runs} />}
      {[...runs].reverse().map((run) => (
        <RunCard key={run.id} run={run} />
      ))}
    </>
  );
}

const fields: readonly (readonly [keyof TrainingSettings, string, string])[] = [
  ['epochs', 'Epochs', 'passes over the images'],
  ['batchSize', 'Images per step', ''],
  ['learningRate', 'Learning rate', 'at the start; falls as a cosine'],
  ['labelSmoothing', 'Label smoothing', ''],
  ['learnReduction', 'Learn n and threshold for', 'share of the epochs'],
  ['seed', 'Seed', ''],
];

function Settings() {
  const { training } = project.value;
  const problems = trainingProblems(training);
  const why = whyNotTrain();
  return (
    <section aria-labelledby="settings">
      <h2 id="settings">Settings</h2>
      <div class="fields">
        {fields.map(([field, label, hint]) => (
          <NumberField
            key={field}
            label={label}
            value={training[field]}
            onChange={(value) => change({ training: { ...training, [field]: value ?? Number.NaN } })}
            problem={problems[field]}
            {...(hint === '' ? {} : { hint })}
          />
        ))}
      </div>
      <p class="actions">
        <button type="button" class="primary" disabled={why !== undefined} onClick={() => beginRun()}>
          Train
        </button>
        <span class="muted">{why ?? `in this tab, on ${threadsHere()}`}</span>
      </p>
    </section>
  );
}

function threadsHere(): string {
  if (globalThis.crossOriginIsolated) return `up to ${Math.min(4, navigator.hardwareConcurrency)} threads`;
  return 'one thread (the host does not isolate the page; once it is kept for offline use, reloading it gives threads)';
}

/** Accuracy against EBOPs of all runs that are done. */
function Compared({ runs }: { readonly runs: readonly Run[] }) {
  const points = runs.flatMap((run) =>
    run.result === null
      ? []
      : [{ cost: run.result.ebops, score: run.result.valAccuracy ?? run.result.testAccuracy, label: run.name }],
  );
  if (points.length < 2) return null;
  return (
    <section aria-labelledby="compared">
      <h2 id="compared">Runs side by side</h2>
      <Figure name="runs" request={{ kind: 'pareto', points }} />
    </section>
  );
}

const states: Readonly<Record<Run['state'], string>> = {
  training: 'training',
  pausing: 'pausing after this epoch',
  paused: 'paused',
  interrupted: 'interrupted',
  finished: 'finished',
  stopped: 'stopped',
  failed: 'failed',
};

function RunCard({ run }: { readonly run: Run }) {
  const { id, name, state, history, training, network, result, notes } = run;
  const last = history.at(-1);
  const heading = `run-${id}`;
  return (
    <section aria-labelledby={heading} class="run" data-state={state}>
      <h2 id={heading}>
        {name} <span class="state">{states[state]}</span>
      </h2>
      <progress max={training.epochs} value={history.length} aria-label={`${name}: epochs done`} />
      <dl class="facts">
        <Fact name="epoch" value={`${history.length} of ${training.epochs}`} />
        {last !== undefined && (
          <Live logs={last} history={history} epochs={training.epochs} isRunning={state === 'training'} />
        )}
        {result !== null && (
          <>
            <Fact name="test accuracy" value={`${(100 * result.testAccuracy).toFixed(2)} %`} />
            <Fact name="kept epoch" value={result.bestEpoch} />
            <Fact name="seconds" value={result.seconds.toFixed(1)} />
            <Fact name="computed by" value={result.engine} />
          </>
        )}
      </dl>
      {notes.map((note) => (
        <p class="note" key={note}>
          {note}
        </p>
      ))}
      <p class="actions">
        {state === 'training' && (
          <button type="button" onClick={() => pauseRun(id)}>
            Pause<span class="hidden"> {name}</span>
          </button>
        )}
        {(state === 'paused' || state === 'pausing') && (
          <button type="button" onClick={() => resumeRun(id)}>
            Go on<span class="hidden"> with {name}</span>
          </button>
        )}
        {(state === 'training' || state === 'pausing' || state === 'paused') && (
          <button type="button" onClick={() => stopRun(id)}>
            Stop<span class="hidden"> {name}</span>
          </button>
        )}
        {canGoOn(run) && (
          <button type="button" class="primary" onClick={() => trainOn(id)}>
            Go on<span class="hidden"> with {name}</span>
          </button>
        )}
        {isDone(run) && (
          <button
            type="button"
            class="primary"
            onClick={() => {
              lookedRun.value = id;
              location.hash = 'look';
            }}
          >
            Look at {name}
          </button>
        )}
        <button type="button" onClick={() => removeRun(id)}>
          Remove<span class="hidden"> {name}</span>
        </button>
      </p>
      <details>
        <summary>What it was trained with</summary>
        <p>
          {Object.entries(training)
            .map(([setting, value]) => `${setting} ${value}`)
            .join(', ')}
          ; β {network.beta}; {network.layers.map((layer) => layer.name).join(' → ')}
        </p>
      </details>
      {history.length > 0 && <Curves run={run} />}
    </section>
  );
}

function Live({
  logs,
  history,
  epochs,
  isRunning,
}: {
  readonly logs: EpochLogs;
  readonly history: readonly EpochLogs[];
  readonly epochs: number;
  readonly isRunning: boolean;
}) {
  const recent = history.slice(-5);
  const seconds = recent.reduce((sum, { seconds: s = 0 }) => sum + s, 0) / recent.length;
  const percent = (share: number | undefined): string => (share === undefined ? '–' : `${(100 * share).toFixed(1)} %`);
  return (
    <>
      <Fact name="loss" value={short(logs['loss'])} />
      <Fact name="of the task" value={short(logs['lossTask'])} />
      {logs['lossEbops'] !== undefined && <Fact name="of EBOPs" value={short(logs['lossEbops'])} />}
      {logs['lossN'] !== undefined && <Fact name="of n" value={short(logs['lossN'])} />}
      {logs['lossMasked'] !== undefined && <Fact name="of dropped pixels" value={short(logs['lossMasked'])} />}
      <Fact name="accuracy, training" value={percent(logs['accuracy'])} />
      <Fact name="accuracy, validation" value={percent(logs['valAccuracy'])} />
      <Fact name="n" value={short(logs['n'])} />
      <Fact name="threshold" value={short(logs['threshold'])} />
      <Fact name="EBOPs" value={number(logs['ebops'] ?? 0)} />
      {isRunning && <Fact name="time left" value={`${Math.ceil(seconds * (epochs - history.length))} s`} />}
      {isRunning && seconds > 0 && <Fact name="an epoch" value={`${seconds.toFixed(2)} s`} />}
    </>
  );
}

function short(value: number | undefined): string {
  return value === undefined ? '–' : Number(value.toPrecision(4)).toString();
}

/** The curves, drawn anew at most every two seconds while the run is trained. */
function Curves({ run: { history, result, state, name } }: { readonly run: Run }) {
  const [shown, setShown] = useState(history);
  const newest = useRef(history);
  newest.current = history;
  const isTraining = state === 'training';
  useEffect(() => {
    if (!isTraining) return;
    const timer = setInterval(() => setShown(newest.current), 2000);
    return () => clearInterval(timer);
  }, [isTraining]);
  useEffect(() => {
    if (!isTraining) setShown(history);
  }, [history, isTraining]);
  const bestEpoch = result !== null && result.bestEpoch <= shown.length ? result.bestEpoch : null;
  return <Figure name={`${name}-history`} request={{ kind: 'history', history: shown, bestEpoch }} />;
}
