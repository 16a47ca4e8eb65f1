import { absolute, type Check, missing } from '../parity/compare.ts';
import { asList, asRow, asRows, asTensor, type Row } from './fixture.ts';

/** Share of values that may fall to the other side of a tie. */
const rare = 0.05;

/** Activations of a spec that are no plain relu, nested models included. */
function functionsOf(spec: Row, where: string): readonly string[] {
  return asRows(spec['layers'], `${where}.layers`).flatMap((layer) => {
    if (layer['model'] != null) return functionsOf(asRow(layer['model'], where), where);
    const plain = ['relu', 'linear'].includes(String(layer['activation']));
    return layer['class'] === 'HActivation' && !plain ? [String(layer['name'])] : [];
  });
}

/**
 * Functions of the C library differ in their last digit, so what they give may fall to the other side of a tie, that is by
 * one step of the quantizer behind: the widest step of a model's such activations, 0 where there are none and everything is
 * exact.
 */
export function stepOf(row: Row, where: string): number {
  const final = asRow(row['final'], `${where}.final`);
  const steps = functionsOf(asRow(row['spec'], `${where}.spec`), `${where}.spec`).map((name) => {
    const { data } = asTensor(final[`${name}/activation_bw`], `${where}.final.${name}/activation_bw`);
    return 2 ** -Math.round(Math.min(...data));
  });
  return Math.max(0, ...steps);
}

/** Equal; or but for few values that are one step away, where the step is not 0. */
export function tied(
  group: string,
  what: string,
  ours: ArrayLike<number>,
  recorded: ArrayLike<number>,
  step: number,
): Check {
  const check = absolute(group, what, ours, recorded, step);
  if (step === 0) return check;
  const different = Array.from(recorded, (value, j) => value !== ours[j]).filter(Boolean).length;
  return different <= Math.max(1, rare * recorded.length)
    ? check
    : missing(group, `${what}: ${different} of ${recorded.length} differ`);
}

/** Compares a list of outputs. */
export function compareLists(
  ours: readonly ArrayLike<number>[],
  recorded: unknown,
  step: number,
  { group, where }: { readonly group: string; readonly where: string },
  what: string,
): Check[] {
  const list = asList(recorded, `${where}: ${what}`);
  if (list.length !== ours.length) return [missing(group, `${what}: ${ours.length} outputs, recorded ${list.length}`)];
  return list.map((entry, k) => tied(group, what, ours[k], asTensor(entry, `${where}: ${what}[${k}]`).data, step));
}
