import type { GraphAgreement } from '@sp/train';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type FirmwareSettings, knownParts, type NodeFactors } from '../project/firmware-settings.ts';
import type { PlannedFirmware } from '../work/firmware.ts';
import type { FactorChoice } from '../work/legal-factors.ts';
import { cycles, number } from './amounts.ts';
import { ChoiceField, NumberField, TextField } from './field.tsx';
import { latestOnly } from './latest.ts';
import { Fact } from './network-step.tsx';
import { saveFile } from './save-file.ts';
import { ScriptView } from './script-view.tsx';
import { Scroll } from './scroll.tsx';
import { ask, attempt, change, project, say } from './session.ts';
import { RunChoice, theRun, useLook } from './use-look.tsx';

/** Plan, verify and take the firmware away. */
export function FirmwareStep() {
  const { look, problem } = useLook();
  const run = theRun();
  const [planned, setPlanned] = useState<PlannedFirmware | null>(null);
  return (
    <>
      <RunChoice />
      {problem !== '' && <p class="problem">{problem}</p>}
      {look !== null && run !== undefined && (
        <>
          <Verification key={run.id} />
          <Plan key={`plan-${run.id}`} planned={planned} onPlanned={setPlanned} />
          <Downloads />
          {planned !== null && <ScriptView run={run} config={planned.config} />}
        </>
      )}
    </>
  );
}

const strategyTitles: Readonly<Record<string, string>> = {
  latency: 'latency',
  resource: 'resource',
  resource_unrolled: 'resource, unrolled',
  distributed_arithmetic: 'shared additions',
};

function Verification() {
  const [progress, setProgress] = useState<number | null>(null);
  const [agreement, setAgreement] = useState<GraphAgreement | null>(null);
  const verify = (): void =>
    void attempt(async () => {
      setProgress(0);
      try {
        const found = await ask('compareViews', null, (done) => setProgress(done as number));
        setAgreement(found);
        say(`${number(found.mismatches)} mismatches in ${found.layers.length} layers on ${found.images} images.`);
      } finally {
        setProgress(null);
      }
    });
  return (
    <section aria-labelledby="verification">
      <h2 id="verification">Verification</h2>
      <p>
        The trained model against the interpreter of its fixed-point network: every value of every layer, on every test
        image.
      </p>
      <p class="actions">
        <button type="button" class="primary" disabled={progress !== null} onClick={verify}>
          Verify
        </button>
        {progress !== null && <span role="status">{progress} images compared …</span>}
        {agreement !== null && (
          <strong class={agreement.mismatches === 0 ? 'good' : 'problem'} data-mismatches={agreement.mismatches}>
            {number(agreement.mismatches)} mismatches
          </strong>
        )}
      </p>
      {agreement !== null && (
        <>
          <p>
            {agreement.images} images; {(100 * agreement.modelAccuracy).toFixed(2)} % right in the model,{' '}
            {(100 * agreement.fixedAccuracy).toFixed(2)} % in fixed point; {number(agreement.saturated)} values
            saturated, alike in both.
          </p>
          <Scroll label="Mismatches by layer">
            <table>
              <thead>
                <tr>
                  <th scope="col">layer</th>
                  <th scope="col">values</th>
                  <th scope="col">model ≠ interpreter</th>
                </tr>
              </thead>
              <tbody>
                {agreement.layers.map(({ layer, values, mismatches }) => (
                  <tr key={layer}>
                    <th scope="row">{layer}</th>
                    <td>{number(values)}</td>
                    <td>{number(mismatches)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </>
      )}
    </section>
  );
}

function Plan({
  planned,
  onPlanned,
}: {
  readonly planned: PlannedFirmware | null;
  readonly onPlanned: (planned: PlannedFirmware) => void;
}) {
  const { firmware } = project.value;
  const [problem, setProblem] = useState('');
  const compute = useMemo(
    () =>
      latestOnly(async (settings: FirmwareSettings) => {
        try {
          onPlanned(await ask('planFirmware', { firmware: settings }));
          setProblem('');
        } catch (error) {
          setProblem(error instanceof Error ? error.message : String(error));
        }
      }),
    [],
  );
  const isClock = firmware.clockPeriod > 0 && firmware.clockPeriod <= 1000;
  useEffect(() => {
    if (isClock) compute(firmware);
  }, [firmware, isClock, compute]);
  const set = (parts: Partial<FirmwareSettings>): void => change({ firmware: { ...firmware, ...parts } });
  return (
    <section aria-labelledby="plan">
      <h2 id="plan">Plan</h2>
      <p>Choices trade latency against area. None changes a value.</p>
      <div class="fields">
        <ChoiceField
          label="Input and output"
          value={firmware.ioType}
          onChange={(ioType) => set({ ioType: ioType as FirmwareSettings['ioType'] })}
          choices={[
            ['io_parallel', 'parallel'],
            ['io_stream', 'stream'],
          ]}
        />
        <ChoiceField
          label="Strategy"
          value={firmware.strategy}
          onChange={(strategy) => set({ strategy: strategy as FirmwareSettings['strategy'] })}
          choices={[['auto', 'the smaller one'], ...Object.entries(strategyTitles)]}
        />
        <NumberField
          label="Clock period / ns"
          value={firmware.clockPeriod}
          onChange={(clockPeriod) => set({ clockPeriod: clockPeriod ?? Number.NaN })}
          problem={isClock ? undefined : 'a number above 0, up to 1000; e.g. 5'}
        />
        <TextField label="Part" value={firmware.part} list={knownParts} onChange={(part) => set({ part })} />
      </div>
      {problem !== '' && <p class="problem">{problem}</p>}
      {planned !== null && (
        <>
          {planned.notes.map((note) => (
            <p class="note" key={note}>
              {note}
            </p>
          ))}
          <Totals planned={planned} />
          <Nodes planned={planned} factors={firmware.factors} onChange={(factors) => set({ factors })} />
        </>
      )}
    </section>
  );
}

function Totals({ planned: { estimate } }: { readonly planned: PlannedFirmware }) {
  const share = (key: 'lut' | 'ff' | 'dsp' | 'bram'): string =>
    estimate.percent === undefined ? '' : ` = ${estimate.percent[key].toFixed(1)} %`;
  return (
    <>
      <dl class="facts">
        <Fact name="latency" value={`${cycles(estimate.latency)} = ${number(estimate.latencyNs)} ns`} />
        <Fact name="interval" value={cycles(estimate.interval)} />
        <Fact name="LUT" value={`${number(estimate.lut)}${share('lut')}`} />
        <Fact name="FF" value={`${number(estimate.ff)}${share('ff')}`} />
        <Fact name="DSP" value={`${number(estimate.dsp)}${share('dsp')}`} />
        <Fact name="BRAM" value={`${number(estimate.bram)}${share('bram')}`} />
      </dl>
      <p class="muted">{estimate.note}</p>
    </>
  );
}

function Nodes({
  planned: { estimate, legal },
  factors,
  onChange,
}: {
  readonly planned: PlannedFirmware;
  readonly factors: FirmwareSettings['factors'];
  readonly onChange: (factors: FirmwareSettings['factors']) => void;
}) {
  const choose = (node: string, name: keyof NodeFactors, value: number | string | undefined): void => {
    const { [name]: _, ...others } = factors[node] ?? {};
    onChange({ ...factors, [node]: value === undefined ? others : { ...others, [name]: value } });
  };
  return (
    <Scroll label="Cost of each node">
      <table>
        <thead>
          <tr>
            <th scope="col">node</th>
            <th scope="col">cycles</th>
            <th scope="col">interval</th>
            <th scope="col">LUT</th>
            <th scope="col">DSP</th>
            <th scope="col" class="choices">
              choices
            </th>
          </tr>
        </thead>
        <tbody>
          {estimate.nodes.map((node) => {
            const allowed = legal.find((entry) => entry.node === node.node);
            return (
              <tr key={node.node}>
                <th scope="row">{node.node}</th>
                <td>{node.latency}</td>
                <td>{node.interval}</td>
                <td>{number(node.lut)}</td>
                <td>{number(node.dsp)}</td>
                <td class="choices">
                  {allowed?.choices.map((choice) => (
                    <Factor
                      key={choice.name}
                      node={node.node}
                      choice={choice}
                      chosen={factors[node.node]?.[choice.name]}
                      onChange={(value) => choose(node.node, choice.name, value)}
                    />
                  ))}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

const factorTitles: Readonly<Record<FactorChoice['name'], string>> = {
  strategy: 'products',
  reuseFactor: 'reuse',
  convArchitecture: 'built as',
  pixelParallelFactor: 'slots at once',
  filtParallelFactor: 'filters at once',
  chanParallelFactor: 'channels at once',
  parallelFactor: 'pixels at once',
  variant: 'search',
};

/** The legal values of one choice, and none else. */
function Factor({
  node,
  choice: { name, values, least },
  chosen,
  onChange,
}: {
  readonly node: string;
  readonly choice: FactorChoice;
  readonly chosen: number | string | undefined;
  readonly onChange: (value: number | string | undefined) => void;
}) {
  const title = factorTitles[name];
  return (
    <select
      aria-label={`${title} of ${node}`}
      value={String(chosen ?? '')}
      onChange={({ currentTarget }) => onChange(values.find((value) => String(value) === currentTarget.value))}
    >
      <option value="">
        {title}: {least ?? 'default'}
      </option>
      {values
        .filter((value) => value !== least)
        .map((value) => (
          <option key={value} value={String(value)}>
            {title}: {strategyTitles[value] ?? value}
          </option>
        ))}
    </select>
  );
}

const downloads = {
  firmware: 'Firmware (.zip)',
  graph: 'Fixed-point graph (.json + .bin)',
  model: 'Model (tfjs)',
  report: 'Report (.html)',
  answers: 'Outputs on the test images (.csv)',
} as const;

function Downloads() {
  const [busy, setBusy] = useState('');
  const { firmware } = project.value;
  const take = (what: keyof typeof downloads): void =>
    void attempt(async () => {
      setBusy(what);
      try {
        const file = await ask('download', { what, firmware });
        saveFile(file);
        say(`${file.name} is ready.`);
      } finally {
        setBusy('');
      }
    });
  return (
    <section aria-labelledby="downloads">
      <h2 id="downloads">Take it away</h2>
      <p class="actions">
        {(Object.keys(downloads) as (keyof typeof downloads)[]).map((what) => (
          <button
            type="button"
            key={what}
            disabled={busy !== ''}
            class={what === 'firmware' ? 'primary' : ''}
            onClick={() => take(what)}
          >
            {busy === what ? 'making …' : downloads[what]}
          </button>
        ))}
      </p>
    </section>
  );
}
