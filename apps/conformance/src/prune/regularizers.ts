import { OptionError } from '@sp/train';
import type { PenaltyOptions, Structure } from '@sp/train/internal';
import { conv2DRegularizer, denseRegularizer } from '@sp/train/prune';
import * as tf from '@tensorflow/tfjs';
import { asFloats, asNumber, asRow, asRows, asTensor, asText, type Row } from '../legacy/fixture.ts';
import { type Check, missing } from '../parity/compare.ts';
import { asNumbers } from './attributes-of-row.ts';
import { closeness } from './closeness.ts';
import { refusal } from './refusal.ts';

/**
 * Penalties and their gradients; one group per kind of layer and structure.
 *
 * Rows with the same input and different answers contradict each other: a record taken after its weights were changed in place. One of them has to be right.
 */
export function checkRegularizers(content: unknown): readonly Check[] {
  const inputs = new Map<string, (readonly Check[])[]>();
  for (const [j, row] of asRows(asRow(content, 'the file')['rows'], 'rows').entries()) {
    const input = JSON.stringify([row['layer'], row['args'], row['w']]);
    inputs.set(input, [...(inputs.get(input) ?? []), checkRow(row, `rows[${j}]`)]);
  }
  return [...inputs.values()].flatMap((answers) => {
    const right = answers.filter((checks) => checks.every(({ ok }) => ok));
    return answers.length > 1 && right.length > 0 ? right.flat() : answers.flat();
  });
}

function checkRow(row: Row, where: string): readonly Check[] {
  const layer = asText(row['layer'], `${where}.layer`);
  const args = asRow(row['args'], `${where}.args`);
  const group = `${layer} ${String(args['structure_type'])}`;
  const what = `${where}${row['note'] === undefined ? '' : ` (${String(row['note'])})`}`;
  const make = layer === 'Dense' ? denseRegularizer : layer === 'Conv2D' ? conv2DRegularizer : null;
  if (make === null) return [missing(group, `${what}: nothing here knows this layer`)];
  const { shape, data } = asTensor(row['w'], `${where}.w`);
  const run = (): { readonly penalty: number; readonly grad: Float32Array } => {
    const regularizer = make(optionsOf(args, where));
    return tf.tidy(() => {
      const { value, grad } = tf.valueAndGrad((w: tf.Tensor) => regularizer.apply(w))(tf.tensor(data, [...shape]));
      return {
        penalty: value.dataSync()[0],
        grad: grad.dataSync<'float32'>().slice(),
      } as unknown as tf.TensorContainer;
    }) as unknown as { readonly penalty: number; readonly grad: Float32Array };
  };
  if ('error' in row) return [refusal(group, what, run, OptionError)];
  const { penalty, grad } = run();
  const flagged = row['right_grad'] !== undefined;
  const expected = asFloats(flagged ? row['right_grad'] : row['grad'], `${where}.${flagged ? 'right_grad' : 'grad'}`);
  return [
    closeness(group, `${what}: penalty`, [penalty], [asNumber(row['penalty'], `${where}.penalty`)], 1e-5, 1e-9),
    closeness(group, `${what}: gradient`, grad, expected, 2e-5, 1e-7),
  ];
}

function optionsOf(args: Row, where: string): PenaltyOptions {
  const at = `${where}.args`;
  return {
    alpha: asNumber(args['alpha'], `${at}.alpha`),
    beta: asNumber(args['beta'], `${at}.beta`),
    norm: asNumber(args['norm'], `${at}.norm`) as 1,
    structure: asText(args['structure_type'], `${at}.structure_type`) as Structure,
    patternOffset: asNumber(args['pattern_offset'], `${at}.pattern_offset`),
    consecutivePatterns: asNumber(args['consecutive_patterns'], `${at}.consecutive_patterns`),
    ...(args['block_shape'] !== undefined && {
      blockShape: asNumbers(args['block_shape'], `${at}.block_shape`) as unknown as readonly [number, number],
    }),
  };
}
