import { describe, expect, it } from 'vitest';
import { checkpoint } from './callbacks/checkpoint.ts';
import { earlyStoppingWithEbopsThreshold } from './callbacks/early-stopping-with-ebops-threshold.ts';
import { paretoFront } from './callbacks/pareto-front.ts';
import { resumeFit } from './callbacks/resume-fit.ts';
import { stockCallback } from './callbacks/stock-callback.ts';
import { stopIf } from './callbacks/stop-if.ts';
import { datasetFromArrays } from './data/dataset-from-arrays.ts';
import { loadMnistIdx } from './data/load-mnist-idx.ts';
import { loadNpz } from './data/load-npz.ts';
import { parseCsv } from './data/parse-csv.ts';
import { compileEngine } from './engine/compile-engine.ts';
import { wasmBackend } from './engine/memory/wasm-backend.ts';
import { adam } from './fit/adam.ts';
import { countCorrect } from './fit/count-correct.ts';
import { crossEntropy, softmaxCrossEntropy } from './fit/loss.ts';
import { progress } from './fit/progress.ts';
import { sgd } from './fit/sgd.ts';
import { loadHdf5 } from './hdf5/load-hdf5.ts';
import { betaPidController } from './monitor/beta-scheduler.ts';
import { earlyStopping } from './monitor/early-stopping.ts';
import { sparseTrainingMonitor } from './monitor/sparse-training-monitor.ts';
import { OptionError } from './option-error.ts';
import { betaPid } from './schedule/beta-pid.ts';
import { cosineLr, cosineRestartsLr } from './schedule/cosine-lr.ts';
import { streamBatches } from './stream/stream-batches.ts';
import { streamDataset } from './stream/streaming-dataset.ts';
import { activePixelsVsThreshold } from './study/active-pixels.ts';
import { reducedExamples } from './study/reduced-examples.ts';
import { settlingReduction } from './study/settling-reduction.ts';
import { suggestReduction } from './study/suggest-reduction.ts';
import { prongJets } from './synthetic/prong-jets.ts';
import { activityWarnings } from './warnings/activity-warnings.ts';
import { printWarnings } from './warnings/print-warnings.ts';

const arrays = { images: { shape: [2, 1, 1], data: Float32Array.of(0, 1) }, labels: [0, 1] };

describe('options that nobody knows are refused by', () => {
  // As JavaScript gives them: TypeScript would not take them.
  const given = (options: object): never => options as never;
  const write = (): void => {};

  it.each<[string, () => unknown, string]>([
    ['earlyStopping', () => earlyStopping(given({ patiance: 5 })), "'patiance', did you mean 'patience'?"],
    [
      'earlyStoppingWithEbopsThreshold',
      () => earlyStoppingWithEbopsThreshold(1, given({ patience: 1, restoreBest: false })),
      "earlyStoppingWithEbopsThreshold: unknown option 'restoreBest'",
    ],
    ['paretoFront', () => paretoFront(given({ directory: 'a', metrics: ['n'], side: [1] })), "did you mean 'sides'?"],
    ['checkpoint', () => checkpoint(given({ directory: 'a', optimizer: adam(), evry: 2 })), "did you mean 'every'?"],
    ['stopIf', () => stopIf(() => true, given({ patience: 3 })), "stopIf: unknown option 'patience'"],
    ['sparseTrainingMonitor', () => sparseTrainingMonitor(given({ ebops: true })), "unknown option 'ebops'"],
    ['adam', () => adam(given({ beta_1: 0.5 })), "adam: unknown option 'beta_1', did you mean 'beta1'?"],
    ['sgd', () => sgd(given({ momentun: 0.9 })), "did you mean 'momentum'?"],
    [
      'datasetFromArrays',
      () => datasetFromArrays(arrays, 'data', given({ channel: 'first' })),
      "did you mean 'channels'?",
    ],
    ['printWarnings', () => printWarnings(given({ write, dead: 1 })), "printWarnings: unknown option 'dead'"],
    ['progress', () => progress(given({ write, column: 80 })), "did you mean 'columns'?"],
    ['stockCallback', () => stockCallback({} as never, [], given({ epoch: 3 })), "did you mean 'epochs'?"],
    ['cosineLr', () => cosineLr(1, given({ epochs: 1, stepsPerEpoch: 1, warmUp: 1 })), "did you mean 'warmup'?"],
    ['cosineRestartsLr', () => cosineRestartsLr(1, given({ epochs: 1, stepsPerEpoch: 1, t_mul: 2 })), "'t_mul'"],
    ['betaPid', () => betaPid(given({ targetEbops: 1, warmUp: 2 })), "did you mean 'warmup'?"],
    ['betaPidController', () => betaPidController(given({ targetEbops: 1, target: 2 })), "unknown option 'target'"],
    ['softmaxCrossEntropy', () => softmaxCrossEntropy(given({ label_smoothing: 0.1 })), "'labelSmoothing'?"],
    ['crossEntropy', () => crossEntropy(given({ from_logits: true })), "unknown option 'from_logits'"],
    ['settlingReduction', () => settlingReduction({} as never, given({ warmup: 2 })), "did you mean 'warmUp'?"],
    ['suggestReduction', () => suggestReduction({} as never, given({ keep: 1, maxn: 2 })), "did you mean 'maxN'?"],
    ['activePixelsVsThreshold', () => activePixelsVsThreshold({} as never, given({ step: 1 })), "option 'step'"],
    ['reducedExamples', () => reducedExamples({} as never, given({ n: 1, thresh: 1 })), "unknown option 'thresh'"],
    ['activityWarnings', () => activityWarnings({} as never, {} as never, given({ image: 1 })), "'images'?"],
    ['prongJets', () => prongJets(given({ count: 1, sed: 2 })), "prongJets: unknown option 'sed'"],
    ['countCorrect', () => countCorrect(new Float32Array(), 1, new Int32Array(), given({ class: 1 })), "'classes'?"],
    ['compileEngine', () => compileEngine({} as never, given({ losss: {} })), "did you mean 'loss'?"],
    ['parseCsv', () => parseCsv('0,1', given({ header: 1 }), 'text'), "unknown option 'header'"],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(OptionError);
    expect(call).toThrow(message);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['loadNpz', () => loadNpz('absent.npz', given({ channel: 'first' }))],
    ['loadHdf5', () => loadHdf5('absent.h5', given({ channel: 'first' }))],
    ['loadMnistIdx', () => loadMnistIdx('absent', given({ channel: 'first' }))],
  ])('%s', async (name, call) => {
    await expect(call()).rejects.toThrow(`${name}: unknown option 'channel'`);
  });

  it('streamBatches, wasmBackend and resumeFit', async () => {
    const data = streamDataset({
      images: new Float32Array(1),
      labels: new Int32Array(1),
      shape: [1, 1, 1],
      classes: 2,
    });
    await expect(streamBatches(data, 1, given({ seed: 1, blocks: 2 })).next()).rejects.toThrow("did you mean 'block'?");
    await expect(wasmBackend(given({ thread: 2 }))).rejects.toThrow("did you mean 'threads'?");
    const checkpoints = { directory: 'a', kept: 2 };
    const resumed = resumeFit({} as never, {} as never, given({ epochs: 1, checkpoints }));
    await expect(resumed).rejects.toThrow("resumeFit: checkpoints: unknown option 'kept', did you mean 'keep'?");
  });
});

describe('options that are missing are told by', () => {
  it('paretoFront', () => {
    expect(() => paretoFront({ directory: 'a' } as never)).toThrow('metrics is no list of names');
    expect(() => paretoFront({ directory: 'a', metrics: [] })).toThrow('metrics is no list of names');
  });

  it('resumeFit', async () => {
    await expect(resumeFit({} as never, {} as never, { epochs: 1 } as never)).rejects.toThrow(
      'resumeFit: checkpoints is missing',
    );
  });
});
