/** What `browser.test.ts` runs in a page: the built packages, bundled as an application would. */
import { setBackend } from '@sp/layers';
import { compileEngine, fit, wasmBackend } from '@sp/train';
import { smallSparseModel, upperOrLower } from '../small-sparse-model.ts';

/** Trains a small model and says how it went: losses of the epochs, then some predictions. */
export async function program(): Promise<{
  readonly engine: string;
  readonly backend: string;
  readonly losses: readonly number[];
}> {
  await setBackend('cpu');
  const model = smallSparseModel();
  const { epochs, engine } = await fit(model, upperOrLower(40, 3), { epochs: 3, batchSize: 20 });
  const backend = await wasmBackend({ threads: 4 });
  const compiled = backend && compileEngine(model, { loss: { kind: 'softmaxCrossEntropy' }, backend });
  if (compiled == null || typeof compiled === 'string') throw new Error(`no WebAssembly: ${compiled}`);
  const predicted = compiled.predict(upperOrLower(3, 4).images, 0, 3);
  compiled.dispose();
  return { engine, backend: compiled.backend, losses: [...epochs.map(({ loss }) => loss), ...predicted] };
}
