import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { namedVariables, setBackend, setVariable } from '@sp/layers';
import { loadKeras } from '@sp/layers/keras';
import { expect, it } from 'vitest';
import { type ParityFile, parseParityFile } from '../parity/parity-file.ts';
import { runKeras } from './run-keras.ts';

const fixture = (name: string): URL => new URL(`../../../../packages/layers/test/fixtures/${name}`, import.meta.url);

it.each(['cpu', 'wasm'] as const)(
  'finds the imported model equal to its record and to its graph on %s',
  async (backend) => {
    await setBackend(backend);
    const model = await loadKeras(new Uint8Array(readFileSync(fixture('parity_readme.keras'))));
    const text = gunzipSync(readFileSync(fixture('parity_readme.json.gz'))).toString();
    const file: ParityFile = parseParityFile(text, 'parity_readme.json.gz');
    const checks = runKeras(model, file);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(new Set(checks.map(({ group }) => group))).toEqual(
      new Set(['variables', 'EBOPs', 'inference', 'lowered graph']),
    );
    // A change of one weight must not go unnoticed.
    const kernel = namedVariables(model).get('dense1/kernel');
    if (kernel != null)
      setVariable(
        kernel,
        kernel.dataSync<'float32'>().map((weight) => 1.5 * weight),
      );
    const spoilt = runKeras(model, file).filter(({ ok }) => !ok);
    expect(spoilt.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['dense1/kernel', 'output of the first batch', 'activations dense1:0']),
    );
  },
);
