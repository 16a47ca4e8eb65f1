import { useId, useState } from 'preact/hooks';

interface Common {
  readonly label: string;
  /** What is wrong and what to do; shown at the field. */
  readonly problem?: string | undefined;
  /** A few words below. */
  readonly hint?: string;
}

/** A number to write. What is no number stays as it was written, and says so. */
export function NumberField({
  label,
  value,
  onChange,
  problem,
  hint,
  isOptional = false,
}: Common & {
  /** Null: empty. */
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
  readonly isOptional?: boolean;
}) {
  const id = useId();
  const shown = value === null ? '' : String(value);
  const [text, setText] = useState(shown);
  // Another value than what was written last: it was changed elsewhere.
  const written = Number.isNaN(value) || numberOf(text) === value ? text : shown;
  const said = Number.isNaN(value) ? 'not a number; write e.g. 0.01 or 1e-3' : problem;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        inputMode="decimal"
        autocomplete="off"
        value={written}
        aria-invalid={said !== undefined}
        aria-describedby={said !== undefined || hint !== undefined ? `${id}-more` : undefined}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          const number = numberOf(currentTarget.value);
          onChange(number === null && !isOptional ? Number.NaN : number);
        }}
      />
      <More id={id} said={said} hint={hint} />
    </div>
  );
}

function numberOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}

/** A text to write. */
export function TextField({
  label,
  value,
  onChange,
  problem,
  hint,
  list,
}: Common & { readonly value: string; readonly onChange: (value: string) => void; readonly list?: readonly string[] }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        autocomplete="off"
        spellcheck={false}
        value={value}
        list={list && `${id}-list`}
        aria-invalid={problem !== undefined}
        aria-describedby={problem !== undefined || hint !== undefined ? `${id}-more` : undefined}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
      {list && (
        <datalist id={`${id}-list`}>
          {list.map((entry) => (
            <option key={entry} value={entry} />
          ))}
        </datalist>
      )}
      <More id={id} said={problem} hint={hint} />
    </div>
  );
}

/** One of several. */
export function ChoiceField({
  label,
  value,
  onChange,
  choices,
  problem,
  hint,
}: Common & {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly choices: readonly (readonly [value: string, text: string])[];
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={problem !== undefined || hint !== undefined ? `${id}-more` : undefined}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      >
        {choices.map(([choice, text]) => (
          <option key={choice} value={choice}>
            {text}
          </option>
        ))}
      </select>
      <More id={id} said={problem} hint={hint} />
    </div>
  );
}

/** Yes or no. */
export function CheckField({
  label,
  value,
  onChange,
  problem,
}: Common & { readonly value: boolean; readonly onChange: (value: boolean) => void }) {
  const id = useId();
  return (
    <div class="field check">
      <input
        id={id}
        type="checkbox"
        checked={value}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-more`}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      <More id={id} said={problem} hint={undefined} />
    </div>
  );
}

/** A number to drag. */
export function SliderField({
  label,
  value,
  onChange,
  least,
  most,
  step,
}: Common & {
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly least: number;
  readonly most: number;
  readonly step: number;
}) {
  const id = useId();
  return (
    <div class="field slider">
      <label for={id}>
        {label}: <output for={id}>{value}</output>
      </label>
      <input
        id={id}
        type="range"
        min={least}
        max={most}
        step={step}
        value={value}
        onInput={({ currentTarget }) => onChange(Number(currentTarget.value))}
      />
    </div>
  );
}

function More({
  id,
  said,
  hint,
}: {
  readonly id: string;
  readonly said: string | undefined;
  readonly hint: string | undefined;
}) {
  if (said === undefined && hint === undefined) return null;
  return (
    <small id={`${id}-more`} class={said === undefined ? 'muted' : 'problem'}>
      {said ?? hint}
    </small>
  );
}
