import type { FileOptions } from '@sp/train';
import { useState } from 'preact/hooks';
import { choosesTest, describeSource, type FileData } from '../project/data-choice.ts';
import { presets } from '../project/presets.ts';
import { changeOptions, changeSplit, takeBuiltIn, takeFiles } from './data-actions.ts';
import { ChoiceField, TextField } from './field.tsx';
import { Reduction } from './reduction.tsx';
import { Scroll } from './scroll.tsx';
import { project, summary } from './session.ts';

/** Choose images, see what the reduction keeps, and divide them. */
export function DataStep() {
  const { data } = project.value;
  const source = data?.source;
  return (
    <>
      <section aria-labelledby="choose">
        <h2 id="choose">Images</h2>
        <DropZone />
        <p class="actions">
          or
          {Object.entries(presets).map(([key, preset]) => (
            <button type="button" key={key} onClick={() => takeBuiltIn(preset.data)}>
              {builtInTitles[preset.data.kind]}
            </button>
          ))}
        </p>
        {source !== undefined && 'files' in source && <Options key={source.files.join()} source={source} />}
      </section>
      {summary.value !== null && data !== null && (
        <>
          <Classes />
          <Reduction />
        </>
      )}
    </>
  );
}

const builtInTitles = {
  digits: 'built-in digits',
  jets: 'synthetic jets',
  tracks: 'synthetic tracks and showers',
} as const;

function DropZone() {
  const [isOver, setIsOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a second way; the input inside takes files by keyboard
    <div
      class={isOver ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        void takeFiles([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <label for="files">Drop a file here, or choose one</label>
      <input
        id="files"
        type="file"
        multiple
        onChange={({ currentTarget }) => {
          void takeFiles([...(currentTarget.files ?? [])]);
          // The same file again is a choice, too.
          currentTarget.value = '';
        }}
      />
      <small class="muted">
        .npz, HDF5, CSV (.gz), or IDX images and labels together. Nothing leaves this machine.
      </small>
    </div>
  );
}

/** What a file does not tell by itself. */
function Options({ source: { kind, options, files } }: { readonly source: FileData }) {
  const [shape, setShape] = useState(options.shape?.join(' × ') ?? '');
  if (kind === 'idx') return null;
  const set = (parts: FileOptions): void => void changeOptions({ ...options, ...parts });
  const sizes = shape
    .split(/[x×, ]+/)
    .filter((part) => part !== '')
    .map(Number);
  const isShape = sizes.length === 3 && sizes.every((size) => Number.isInteger(size) && size > 0);
  return (
    <details>
      <summary>How to read {files[0]}</summary>
      <div class="fields">
        <ChoiceField
          label="Channels"
          value={options.channels ?? 'last'}
          onChange={(channels) => set({ channels: channels as 'first' | 'last' })}
          choices={[
            ['last', 'last axis'],
            ['first', 'first axis'],
          ]}
        />
        {kind === 'csv' && (
          <>
            <ChoiceField
              label="Label of a line"
              value={options.label ?? 'last'}
              onChange={(label) => set({ label: label as 'first' | 'last' })}
              choices={[
                ['last', 'last'],
                ['first', 'first'],
              ]}
            />
            <ChoiceField
              label="Separator"
              value={options.separator ?? ','}
              onChange={(separator) => set({ separator })}
              choices={[
                [',', 'comma'],
                [';', 'semicolon'],
                ['\t', 'tab'],
                [' ', 'blank'],
              ]}
            />
            <TextField
              label="Height × width × channels"
              value={shape}
              hint="empty: a square of one channel"
              problem={shape === '' || isShape ? undefined : 'three whole numbers, e.g. 28 × 28 × 1'}
              onChange={(text) => {
                setShape(text);
                const given = text
                  .split(/[x×, ]+/)
                  .filter((part) => part !== '')
                  .map(Number);
                if (given.length === 3 && given.every((size) => Number.isInteger(size) && size > 0)) {
                  set({ shape: given as [number, number, number] });
                }
              }}
            />
          </>
        )}
        {(kind === 'npz' || kind === 'hdf5') && <ArrayNames options={options} onChange={set} />}
      </div>
    </details>
  );
}

function ArrayNames({
  options,
  onChange,
}: {
  readonly options: FileOptions;
  readonly onChange: (parts: FileOptions) => void;
}) {
  const [images, setImages] = useState(options.images ?? '');
  const [labels, setLabels] = useState(options.labels ?? '');
  return (
    <>
      <TextField label="Array of images" value={images} onChange={setImages} hint="empty: x or x_train, x_test" />
      <TextField label="Array of labels" value={labels} onChange={setLabels} hint="empty: y or y_train, y_test" />
      <button
        type="button"
        disabled={(images === '') !== (labels === '')}
        onClick={() => onChange(images === '' ? {} : { images, labels })}
      >
        Read these arrays
      </button>
    </>
  );
}

/** How many images there are of each class, and how they are divided. */
function Classes() {
  const { data } = project.value;
  const found = summary.value;
  if (data === null || found === null) return null;
  const { counts, classNames, notes, shape, pixelType } = found;
  const total = (of: readonly number[]): number => of.reduce((sum, count) => sum + count, 0);
  return (
    <section aria-labelledby="classes">
      <h2 id="classes">Classes and parts</h2>
      <p>
        {describeSource(data.source)}: {shape.join(' × ')}, pixels as <code>{pixelType}</code>.
      </p>
      {notes.map((note) => (
        <p class="note" key={note}>
          {note}
        </p>
      ))}
      <Scroll label="Images of each class">
        <table>
          <thead>
            <tr>
              <th scope="col">class</th>
              <th scope="col">training</th>
              <th scope="col">validation</th>
              <th scope="col">test</th>
            </tr>
          </thead>
          <tbody>
            {classNames.map((name, c) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{counts.train[c]}</td>
                <td>{counts.validation[c] ?? 0}</td>
                <td>{counts.test[c]}</td>
              </tr>
            ))}
            <tr class="total">
              <th scope="row">all</th>
              <td>{total(counts.train)}</td>
              <td>{total(counts.validation)}</td>
              <td>{total(counts.test)}</td>
            </tr>
          </tbody>
        </table>
      </Scroll>
      <div class="fields">
        <ShareField
          label="Kept for validation"
          value={data.split.validation}
          choices={[0, 0.1, 0.15, 0.2, 0.3]}
          onChange={(validation) => changeSplit({ ...data.split, validation })}
        />
        {choosesTest(data.source) && (
          <ShareField
            label="Kept for testing"
            value={data.split.test}
            choices={[0.1, 0.2, 0.3, 0.5]}
            onChange={(test) => changeSplit({ ...data.split, test })}
          />
        )}
      </div>
    </section>
  );
}

function ShareField({
  label,
  value,
  choices,
  onChange,
}: {
  readonly label: string;
  readonly value: number;
  readonly choices: readonly number[];
  readonly onChange: (value: number) => Promise<void>;
}) {
  return (
    <ChoiceField
      label={label}
      value={String(value)}
      onChange={(share) => void onChange(Number(share))}
      choices={choices.map((share) => [String(share), share === 0 ? 'none' : `${Math.round(100 * share)} %`])}
    />
  );
}
