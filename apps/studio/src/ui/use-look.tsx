import { useEffect, useState } from 'preact/hooks';
import { isDone, type Run } from '../project/run.ts';
import type { Look } from '../work/desk.ts';
import { ChoiceField } from './field.tsx';
import { lookedRun } from './run-actions.ts';
import { ask, project } from './session.ts';

/** The run that is looked at: the chosen one, else the newest that is done. */
export function theRun(): Run | undefined {
  const done = project.value.runs.filter(isDone);
  return done.find(({ id }) => id === lookedRun.value) ?? done.at(-1);
}

/** What the worker says of the run that is looked at. */
export function useLook(): { readonly look: Look | null; readonly problem: string } {
  const [state, setState] = useState<{ readonly look: Look | null; readonly problem: string }>({
    look: null,
    problem: '',
  });
  const run = theRun();
  const { id } = run ?? { id: undefined };
  useEffect(() => {
    let isCurrent = true;
    setState({ look: null, problem: '' });
    if (run === undefined) return;
    ask('look', { run }).then(
      (look) => isCurrent && setState({ look, problem: '' }),
      (error: Error) => isCurrent && setState({ look: null, problem: error.message }),
    );
    return () => {
      isCurrent = false;
    };
  }, [id]);
  return state;
}

/** Chooses the run to look at. */
export function RunChoice() {
  const done = project.value.runs.filter(isDone);
  const run = theRun();
  if (run === undefined) {
    return (
      <section>
        <p>
          No network is trained yet. <a href="#training">Train one</a>; then look at it here.
        </p>
      </section>
    );
  }
  return (
    <section>
      <div class="fields">
        <ChoiceField
          label="Network of"
          value={run.id}
          onChange={(id) => {
            lookedRun.value = id;
          }}
          choices={done.map(({ id, name, result }) => [
            id,
            `${name}, ${(100 * (result?.testAccuracy ?? 0)).toFixed(1)} %`,
          ])}
        />
      </div>
    </section>
  );
}
