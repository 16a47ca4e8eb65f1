import { OptionError } from '@sp/train';
import type { SparsityScheduler } from '@sp/train/internal';
import { binarySparsity, constantSparsity, polynomialSparsity } from '@sp/train/prune';
import { asList, asNumber, asRow, asRows, asText, FixtureError, type Row } from '../legacy/fixture.ts';
import { absolute, type Check, missing } from '../parity/compare.ts';
import { refusal } from './refusal.ts';

/** Follows every recorded sequence of results; one group per scheduler. */
export function checkSchedulers(content: unknown): readonly Check[] {
  return asRows(asRow(content, 'the file')['rows'], 'rows').flatMap((row, j) => checkRow(row, `rows[${j}]`));
}

function checkRow(row: Row, where: string): readonly Check[] {
  const group = asText(row['scheduler'], `${where}.scheduler`);
  const args = asRow(row['args'], `${where}.args`);
  if ('error' in row) {
    return [refusal(group, `${where} ${JSON.stringify(args)}`, () => schedulerOf(group, args, where), OptionError)];
  }
  const scheduler = schedulerOf(group, args, where);
  if (scheduler === null) return [missing(group, `${where}: nothing here knows this scheduler`)];
  let { initial: state } = scheduler;
  const checks = [
    absolute(group, `${where}.initial`, [state.sparsity], [asNumber(row['initial'], `${where}.initial`)], 1e-12),
  ];
  for (const [k, entry] of asList(row['steps'], `${where}.steps`).entries()) {
    const at = `${where}.steps[${k}]`;
    const [kind, goes, sparsity] = asList(entry, at);
    if (kind !== 'u' && kind !== 'r') throw new FixtureError(`${at}[0]`, "'u' or 'r'");
    const step = kind === 'u' ? scheduler.update(state) : scheduler.repair(state);
    state = step.state;
    const actual = [Number(step.goes), state.sparsity];
    checks.push(absolute(group, at, actual, [goes === true ? 1 : 0, asNumber(sparsity, `${at}[2]`)], 1e-12));
  }
  checks.push(
    absolute(group, `${where}.final_get`, [state.sparsity], [asNumber(row['final_get'], `${where}.final_get`)], 1e-12),
  );
  return checks;
}

const known = ['initial_sparsity', 'final_sparsity', 'update_step', 'threshold', 'maximum_steps', 'decay_power'];

function schedulerOf(name: string, args: Row, where: string): SparsityScheduler | null {
  const unknown = Object.keys(args).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new FixtureError(`${where}.args`, `a list of ${known.join(', ')}: it has ${unknown}`);
  const given = <K extends string>(key: string, option: K): { readonly [k in K]?: number } =>
    (key in args ? { [option]: asNumber(args[key], `${where}.args.${key}`) } : {}) as { readonly [k in K]?: number };
  const range = { ...given('initial_sparsity', 'initialSparsity'), ...given('final_sparsity', 'finalSparsity') };
  switch (name) {
    case 'ConstantScheduler':
      return constantSparsity({ ...range, ...given('update_step', 'updateStep') });
    case 'BinaryScheduler':
      return binarySparsity({ ...range, ...given('threshold', 'threshold') });
    case 'PolynomialScheduler': {
      const maximumSteps = asNumber(args['maximum_steps'], `${where}.args.maximum_steps`);
      return polynomialSparsity({ maximumSteps, ...range, ...given('decay_power', 'decayPower') });
    }
    default:
      return null;
  }
}
