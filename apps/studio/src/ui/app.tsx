import { DataStep } from './data-step.tsx';
import { FirmwareStep } from './firmware-step.tsx';
import { LookStep } from './look-step.tsx';
import { NetworkStep } from './network-step.tsx';
import { ProjectBar } from './project-bar.tsx';
import { isReady, message, type StepId, step, steps } from './session.ts';
import { TrainingStep } from './training-step.tsx';

const views: Readonly<Record<StepId, () => preact.JSX.Element>> = {
  data: DataStep,
  network: NetworkStep,
  training: TrainingStep,
  look: LookStep,
  firmware: FirmwareStep,
};

/** The whole page: project, steps, and the step that is chosen. */
export function App() {
  const View = views[step.value];
  const said = message.value;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the step
      </a>
      <header>
        <ProjectBar />
        <nav aria-label="Steps">
          <ol>
            {steps.map(({ id, title }, index) => (
              <li key={id}>
                <a href={`#${id}`} aria-current={step.value === id ? 'step' : undefined}>
                  <span class="number">{index + 1}</span> {title}
                </a>
              </li>
            ))}
          </ol>
        </nav>
      </header>
      <div class={said === null ? 'said none' : said.isError ? 'said problem' : 'said'}>
        <p role="status">{said !== null && !said.isError ? said.text : ''}</p>
        <p role="alert">{said?.isError === true ? said.text : ''}</p>
        {said !== null && (
          <button
            type="button"
            class="small"
            aria-label="Dismiss the message"
            onClick={() => {
              message.value = null;
            }}
          >
            ✕
          </button>
        )}
      </div>
      <main id="main" tabIndex={-1} data-ready={isReady.value}>
        <h1 class="hidden">{steps.find(({ id }) => id === step.value)?.title}</h1>
        {isReady.value ? <View /> : <p class="muted">opening …</p>}
      </main>
    </>
  );
}
