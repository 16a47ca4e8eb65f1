import { findCompiler, NoCompilerError } from '@sp/hls';
import { setBackend } from '@sp/layers';
import { compiledView } from './trained/compiled-view.ts';
import { type CheckedFile, checkFile, rowPassed, type ZooRow } from './zoo/check-file.ts';
import { type Stage, thrownStage } from './zoo/stage.ts';
import { readZoo } from './zoo/zoo-file.ts';

/** Outcome of the `zoo` command. */
export interface ZooReport {
  readonly command: 'zoo';
  readonly folder: string;
  /** No file differs, fails or is refused for want of something that should be there. */
  readonly ok: boolean;
  readonly compiler: boolean;
  readonly rows: readonly ZooRow[];
}

/** Options of `zoo`. */
export interface ZooOptions {
  /** Only files whose name contains this text. */
  readonly filter?: string;
  /** How many of the lowered graphs are compiled, evenly drawn. Default 8. */
  readonly compile?: number;
}

/**
 * Takes every `.keras` file of a folder through import, inference, EBOPs, lowering and interpretation, and a sample
 * through compiled C++; compares each step with what the reference recorded in `zoo.json`.
 *
 * @throws BadFileError when the folder has no zoo.json or nothing matches the filter
 */
export async function zoo(folder: string, { filter = '', compile = 8 }: ZooOptions = {}): Promise<ZooReport> {
  const entries = await readZoo(folder, filter);
  await setBackend('cpu');
  const checked: CheckedFile[] = [];
  for (const entry of entries) checked.push(await checkFile(entry));
  const compiler = await findCompiler().then(
    () => true,
    (error: unknown) => {
      if (error instanceof NoCompilerError) return false;
      throw error;
    },
  );
  const graphs = checked.filter(({ graph }) => graph != null);
  const every = Math.max(1, graphs.length / Math.max(compile, 1));
  const sample = new Set(
    Array.from({ length: Math.min(compile, graphs.length) }, (_, j) => graphs[Math.floor(j * every)]),
  );
  const rows: ZooRow[] = [];
  for (const file of checked) {
    rows.push(compiler && sample.has(file) ? { ...file.row, compiled: await compiledStage(file) } : file.row);
  }
  return { command: 'zoo', folder, ok: rows.every(rowPassed), compiler, rows };
}

async function compiledStage({ graph, inputs }: CheckedFile): Promise<Stage> {
  if (graph == null || inputs == null) return { state: 'failed', reason: 'there is no graph.' };
  try {
    const view = await compiledView({ ...graph, name: 'zoo' }, inputs);
    if (view.error != null) return { state: 'failed', reason: view.error };
    return view.mismatches === 0
      ? { state: 'equal' }
      : { state: 'differs', deviation: view.mismatches, what: `${view.mismatches} codes, worst ${view.worstNode}` };
  } catch (error) {
    return thrownStage(error, false);
  }
}
