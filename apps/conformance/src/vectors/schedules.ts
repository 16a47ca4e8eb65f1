import { betaPid, piecewiseBeta } from '@sp/train';
import type { BetaPoint } from '@sp/train/internal';
import { FormError, fieldsOf, type Mismatch, numbersOf, type RowKind } from './row-kind.ts';

/** The controller's outputs are compared as relative numbers; the file gives them with all digits of a double. */
const pidLimit = 1e-12;

/** β by pieces at some epochs (hgq2 §7.9). */
export const piecewise: RowKind = {
  check(file) {
    const row = file['piecewise'] as Readonly<Record<string, unknown>>;
    const { rtol } = fieldsOf(row, ['rtol'], 'piecewise');
    const beta = piecewiseBeta(table(row['points'], 'points') as unknown as readonly BetaPoint[]);
    const at = table(row['at'], 'at').map((entry, j) => numbersOf(entry, `piecewise, at ${j}`));
    const mismatches = at.flatMap(([epoch, expected]) => compare(`epoch ${epoch}`, expected, beta(epoch), rtol));
    return { rows: 1, values: at.length, mismatches };
  },
};

/** β of a PID controller in log mode, epoch by epoch from the end of its warm-up (hgq2 §7.9). */
export const betaPidLog: RowKind = {
  check(file) {
    const row = file['beta_pid_log'] as Readonly<Record<string, unknown>>;
    const names = ['p', 'i', 'd', 'target', 'beta_at_warmup'] as const;
    const { p, i, d, target: targetEbops, beta_at_warmup: start } = fieldsOf(row, names, 'beta_pid_log');
    const ebops = numbersOf(row['ebops'], 'beta_pid_log, ebops');
    const expected = numbersOf(row['beta'], 'beta_pid_log, beta');
    if (ebops.length !== expected.length) throw new FormError(`${ebops.length} ebops and ${expected.length} betas`);
    const controller = betaPid({ targetEbops, p, i, d, warmup: 0 });
    let step = { state: controller.start, beta: start };
    const mismatches = ebops.flatMap((value, epoch) => {
      step = controller.next(step.state, epoch, step.beta, value);
      return compare(`step ${epoch}, EBOPs ${value}`, expected[epoch], step.beta, pidLimit);
    });
    return { rows: 1, values: expected.length, mismatches };
  },
};

function compare(where: string, expected: number, got: number, relative: number): readonly Mismatch[] {
  return Math.abs(got - expected) <= relative * Math.abs(expected) ? [] : [{ where, expected, got }];
}

function table(value: unknown, what: string): readonly (readonly unknown[])[] {
  if (Array.isArray(value) && value.every(Array.isArray)) return value;
  throw new FormError(`piecewise: ${what} is no table`);
}
