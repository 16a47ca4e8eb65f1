import { reduceModel } from '@sp/train/prune';
import * as tf from '@tensorflow/tfjs';
import { asRow, asRows, asTensor, asText, FixtureError, type Row } from '../legacy/fixture.ts';
import { absolute, type Check, missing } from '../parity/compare.ts';
import { asNumbers } from './attributes-of-row.ts';
import { closeness } from './closeness.ts';
import { recordedModel } from './recorded-model.ts';

/** Reduced models; one group per model. */
export async function checkReductions(content: unknown): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const [j, row] of asRows(asRow(content, 'the file')['rows'], 'rows').entries()) {
    checks.push(...(await checkRow(row, `rows[${j}]`)));
  }
  return checks;
}

/** Outputs have to stay; what cannot be removed without a change has to be said, and is removed when that is asked for. */
async function checkRow(row: Row, where: string): Promise<readonly Check[]> {
  const group = asText(row['name'], `${where}.name`);
  if (typeof row['exact'] !== 'boolean') throw new FixtureError(`${where}.exact`, 'true or false');
  const model = recordedModel(row, where);
  const x = tensor(row['x'], `${where}.x`);
  const outputs = asTensor(row['outputs'], `${where}.outputs`).data;
  const run = (one: tf.LayersModel): Float32Array =>
    tf.tidy(
      () => (one.predict(x) as tf.Tensor).dataSync<'float32'>().slice() as unknown as tf.TensorContainer,
    ) as unknown as Float32Array;
  const checks = [closeness(group, `${where}: outputs`, run(model), outputs, 1e-5, 1e-6)];
  const kept = await reduceModel(model);
  checks.push(closeness(group, `${where}: outputs of the reduced model`, run(kept.model), outputs, 1e-5, 1e-6));
  checks.push(
    absolute(group, `${where}: says what is not exact`, [kept.notes.length > 0 ? 1 : 0], [row['exact'] ? 0 : 1], 0),
  );
  const { model: reduced, removed } = row['exact'] ? kept : await reduceModel(model, { inexact: 'remove' });
  const recorded = asTensor(row['reduced_outputs'], `${where}.reduced_outputs`).data;
  checks.push(closeness(group, `${where}: reduced_outputs`, run(reduced), recorded, 1e-5, 2e-6));
  for (const [j, entry] of asRows(row['reduced'], `${where}.reduced`).entries()) {
    const at = `${where}.reduced[${j}]`;
    if (entry['removed'] === undefined) continue;
    const name = asText(entry['name'], `${at}.name`);
    const units = asNumbers(entry['removed'], `${at}.removed`);
    checks.push(absolute(group, `${at} ${name}: removed`, removed.get(name) ?? [], units, 0));
    const weights = reduced.getLayer(name).getWeights();
    for (const [k, key] of ['kernel', 'bias'].entries()) {
      if (entry[key] == null) continue;
      const { shape, data } = asTensor(entry[key], `${at}.${key}`);
      const found = weights[k];
      if (found === undefined || found.shape.join() !== shape.join()) {
        checks.push(missing(group, `${at} ${name}: ${key} of shape [${found?.shape ?? ''}], recorded [${shape}]`));
      } else checks.push(closeness(group, `${at} ${name}: ${key}`, found.dataSync(), data, 1e-5, 1e-6));
    }
  }
  x.dispose();
  return checks;
}

function tensor(value: unknown, where: string): tf.Tensor {
  const { shape, data } = asTensor(value, where);
  return tf.tensor(data, [...shape]);
}
