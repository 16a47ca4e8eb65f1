/** A parity file: one recorded training run of the reference. Format: `golden/README.md`, "parity_*.json". */
export interface ParityFile {
  readonly name: string;
  readonly optimizer: {
    readonly adam: { readonly lr: number; readonly beta1: number; readonly beta2: number; readonly eps: number };
  };
  readonly batch: number;
  readonly steps: number;
  readonly before: Variables;
  /** Per image `[flat index, value]` pairs; zero elsewhere. */
  readonly x: readonly (readonly (readonly [number, number])[])[];
  readonly y: readonly number[];
  readonly step0: {
    readonly output: RecordedArray;
    readonly task_loss: number;
    readonly losses: readonly number[];
    readonly total: number;
    readonly grads: Variables;
    readonly ebops: Readonly<Record<string, number>>;
  };
  readonly history: readonly StepRecord[];
  readonly after: Variables;
  readonly traced: {
    readonly vars: Variables;
    readonly ebops: number;
    readonly predict_first_batch: RecordedArray;
    readonly activations_first4: Variables;
  };
}

/** What the file says of one training step: losses and EBOPs before the update, settings after it. */
export interface StepRecord {
  readonly task: number;
  readonly total: number;
  readonly ebops: number;
  readonly n?: number;
  readonly n_frac?: number;
  readonly threshold?: number;
}

/** Row-major array. */
export interface RecordedArray {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Arrays by Keras path. */
export type Variables = Readonly<Record<string, RecordedArray>>;

/** A parity file that lacks something. */
export class ParityFileError extends Error {
  override readonly name = 'ParityFileError';
}

/** Parses a parity file. @throws ParityFileError naming what is missing. */
export function parseParityFile(text: string, what: string): ParityFile {
  let file: Record<string, unknown>;
  try {
    file = JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new ParityFileError(`${what} is not JSON.`, { cause });
  }
  const missing = ['optimizer', 'batch', 'steps', 'before', 'x', 'y', 'step0', 'history', 'after', 'traced'].find(
    (key) => file[key] == null,
  );
  if (missing != null) throw new ParityFileError(`${what} has no '${missing}': it is not a parity file.`);
  const parsed = file as unknown as ParityFile;
  if (parsed.x.length < parsed.batch * parsed.steps || parsed.y.length !== parsed.x.length) {
    throw new ParityFileError(
      `${what}: ${parsed.x.length} images and ${parsed.y.length} labels for ${parsed.steps} steps of ${parsed.batch}.`,
    );
  }
  if (parsed.history.length < parsed.steps) {
    throw new ParityFileError(`${what}: 'history' records ${parsed.history.length} of ${parsed.steps} steps.`);
  }
  return parsed;
}
