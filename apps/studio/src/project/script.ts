import type { HlsConfig } from '@sp/hls';
import type { FileOptions } from '@sp/train';
import { choosesTest, type DataChoice } from './data-choice.ts';
import { type LayerSpec, type NetworkSpec, reductionOf } from './network.ts';
import { betaMaskedE, convBiases, tauThreshold } from './recipe.ts';
import type { Run } from './run.ts';
import { freezeEpoch, reductionRates } from './training-settings.ts';

/** What a script repeats. */
export interface ScriptInput {
  readonly data: DataChoice;
  readonly run: Pick<Run, 'name' | 'network' | 'training'>;
  /** How the firmware is planned. */
  readonly config: HlsConfig;
}

/** A run as a TypeScript program for Node that uses the packages only: the same images, network, training, graph and firmware. */
export function runScript({ data, run, config }: ScriptInput): string {
  const { network, training } = run;
  const images = dataCode(data);
  const layers = layerCode(network);
  const functions = [...new Set(layers.flatMap(({ uses }) => uses))];
  const imports = {
    '@sp/hls': ['compare', 'compile', 'emit', 'estimate', 'goldenVectors', 'NoCompilerError', 'plan', 'write'],
    '@sp/layers': ['layerConfigScope', 'lower', 'quantizer', 'quantizerConfigScope', 'setBackend', ...functions],
    '@sp/quant': ['saveGraph'],
    '@sp/train': [
      ...['adam', 'cosineLr', 'earlyStopping', 'evaluate', 'fit', 'pixelFormat', 'printWarnings'],
      ...['settleBudget', 'sliceImages'],
      ...['softmaxCrossEntropy', 'sparseTrainingMonitor', ...images.uses],
      ...(data.split.validation > 0 ? ['splitDataset'] : []),
    ],
  };
  const freeze = freezeEpoch(training);
  const { name: reduce, n } = reductionOf(network) ?? { name: 'reduce', n: 1 };
  return `${[
    `// ${run.name} of the studio, for Node with ${Object.keys(imports).join(', ')} and @tensorflow/tfjs: npx tsx run.ts`,
    "import { writeFile } from 'node:fs/promises';",
    ...Object.entries(imports).map(
      ([from, names]) => `import { ${[...new Set(names)].sort(byName).join(', ')} } from '${from}';`,
    ),
    ...images.imports,
    "import * as tf from '@tensorflow/tfjs';",
    '',
    "await setBackend('cpu');",
    '',
    '// Images',
    ...images.lines,
    '',
    '// Network: all formats are learned and saturate',
    'const { k, i, f } = pixelFormat(train);',
    `const glorot = (layer: number) => tf.initializers.glorotUniform({ seed: ${training.seed} * 16 + layer });`,
    'const bias = (value: number) => tf.initializers.constant({ value });',
    `const model = layerConfigScope({ beta0: ${network.beta} }, () =>`,
    "  quantizerConfigScope({ place: 'all', overflowMode: 'SAT_SYM' }, () =>",
    "    quantizerConfigScope({ place: 'datalane', overflowMode: 'SAT' }, () => {",
    ...[
      "const input = tf.input({ shape: [...train.shape], name: 'image' });",
      'const pixelConfig = { k0: k === 1, i0: i, f0: f, heterogeneousAxis: [], trainable: false };',
      "let x = quantizer({ name: 'pixels', config: pixelConfig }).apply(input) as tf.SymbolicTensor;",
      'let mask: tf.SymbolicTensor;',
      ...layers.map(({ code }) => code),
      "return tf.model({ inputs: input, outputs: x, name: 'network' });",
    ].map((line) => `      ${line}`),
    '    }),',
    '  ),',
    ');',
    '',
    '// Training',
    `const [epochs, batchSize, freeze] = [${training.epochs}, ${training.batchSize}, ${freeze}];`,
    'const stepsPerEpoch = Math.ceil(train.labels.length / batchSize);',
    'const start = performance.now();',
    'const { epochs: history } = await fit(model, train, {',
    '  epochs,',
    '  batchSize,',
    `  seed: ${training.seed},`,
    '  optimizer: adam(),',
    `  learningRate: cosineLr(${training.learningRate}, { epochs, stepsPerEpoch }),`,
    `  loss: softmaxCrossEntropy({ labelSmoothing: ${training.labelSmoothing} }),`,
    '  rates: (variable, epoch) => {',
    `    if (!variable.startsWith('${reduce}/')) return 1;`,
    `    return epoch >= freeze ? 0 : variable.endsWith('threshold') ? ${reductionRates.threshold} : ${reductionRates.budget};`,
    '  },',
    '  callbacks: [',
    `    settleBudget({ at: freeze, most: ${n} }),`,
    '    sparseTrainingMonitor(),',
    "    earlyStopping({ monitor: 'loss', mode: 'min', startFromEpoch: freeze }),",
    '    printWarnings({ write: (text) => process.stderr.write(text), data: train }),',
    '  ],',
    ...(data.split.validation > 0 ? ['  validation,'] : []),
    '});',
    'const seconds = (performance.now() - start) / 1000;',
    "console.log('loss', history.at(-1)?.loss, 'test accuracy', evaluate(model, test).accuracy, 'seconds', seconds);",
    '',
    '// Fixed-point network and firmware',
    "const graph = lower(model, { name: 'network' });",
    'const saved = saveGraph(graph);',
    "await writeFile('graph.json', saved.json);",
    "await writeFile('graph.bin', saved.weights);",
    `const design = plan(graph, ${JSON.stringify(config)});`,
    'const examples = sliceImages(test, 0, Math.min(20, test.labels.length)).images;',
    "await write(emit(design, { golden: goldenVectors(graph, examples) }), 'firmware');",
    "console.log('estimated latency', estimate(design).latency, 'cycles');",
    'try {',
    "  const { table, mismatches } = await compare(graph, await compile('firmware'), test.images);",
    '  console.log(`${table}\\n${mismatches} mismatches between interpreter and compiled C++`);',
    '} catch (error) {',
    '  if (!(error instanceof NoCompilerError)) throw error;',
    '  console.log(error.message);',
    '}',
  ].join('\n')}\n`;
}

/** Upper case last, as the formatter sorts. */
function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en');
}

interface DataCode {
  readonly uses: readonly string[];
  readonly imports: readonly string[];
  readonly lines: readonly string[];
}

function dataCode({ source, split }: DataChoice): DataCode {
  const { uses, imports, load } = sourceCode(source);
  const isSingle = choosesTest(source) && !('files' in source && source.files.length === 4);
  const parts = isSingle
    ? [`const { rest, heldOut: test } = splitDataset(${load[0]}, ${split.test}, ${split.seed});`]
    : load.length > 1
      ? load
      : [`const { train: rest, test } = ${load[0]};`];
  const validation =
    split.validation > 0
      ? [`const { rest: train, heldOut: validation } = splitDataset(rest, ${split.validation}, ${split.seed});`]
      : ['const train = rest;'];
  return { uses: isSingle ? [...uses, 'splitDataset'] : uses, imports, lines: [...parts, ...validation] };
}

function sourceCode(source: DataChoice['source']): {
  readonly uses: readonly string[];
  readonly imports: readonly string[];
  readonly load: readonly string[];
} {
  const plain = (uses: readonly string[], ...load: string[]) => ({ uses, imports: [], load });
  switch (source.kind) {
    case 'digits':
      return plain(['loadDigits'], 'await loadDigits()');
    case 'jets':
      return plain(
        ['prongJets', 'readStream'],
        `await readStream(prongJets({ count: ${source.count}, seed: ${source.seed} }))`,
      );
    case 'tracks':
      return plain(
        ['readStream', 'tracksAndShowers'],
        `await readStream(tracksAndShowers({ count: ${source.count}, seed: ${source.seed} }))`,
      );
    default: {
      const [first, second, third, fourth] = source.files.map(quoted);
      const options = optionsCode(source.options);
      if (source.kind === 'npz') return plain(['loadNpz'], `await loadNpz(${first}${options})`);
      if (source.kind === 'csv') return plain(['loadCsv'], `await loadCsv(${first}${options})`);
      if (source.kind === 'hdf5') {
        return {
          uses: [],
          imports: ["import { loadHdf5 } from '@sp/train/hdf5';"],
          load: [`await loadHdf5(${first}${options})`],
        };
      }
      if (third === undefined) return plain(['loadIdx'], `await loadIdx(${first}, ${second})`);
      return plain(
        ['loadIdx'],
        `const rest = await loadIdx(${first}, ${second});`,
        'const known = rest.labelIds === undefined ? { classes: rest.classes } : { labelIds: rest.labelIds };',
        `const test = await loadIdx(${third}, ${fourth}, known);`,
      );
    }
  }
}

function optionsCode(options: FileOptions): string {
  return Object.keys(options).length === 0 ? '' : `, ${JSON.stringify(options)}`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

interface LayerCode {
  readonly uses: readonly string[];
  readonly code: string;
}

function layerCode({ layers }: NetworkSpec): readonly LayerCode[] {
  let weighted = 0;
  let k0 = 'k === 1';
  return layers.map((layer) => {
    const made = oneLayer(layer, weighted, k0);
    if (layer.kind === 'conv' || layer.kind === 'dense') {
      weighted++;
      k0 = String(!layer.relu);
    }
    return made;
  });
}

function oneLayer(layer: LayerSpec, weighted: number, k0: string): LayerCode {
  const name = quoted(layer.name);
  const both = '[x, mask!]';
  switch (layer.kind) {
    case 'reduce': {
      const { n, threshold, betaN, learn } = layer;
      const options = `name: ${name}, n: ${n}, threshold: ${threshold}, betaN: ${betaN}, betaMaskedE: ${betaMaskedE}, tauThreshold: ${tauThreshold}, learnN: ${learn}, learnThreshold: ${learn}`;
      return {
        uses: ['inputReduce'],
        code: `[x, mask] = inputReduce({ ${options} }).apply(x) as tf.SymbolicTensor[];`,
      };
    }
    case 'conv': {
      const value = weighted === 0 ? convBiases.first : convBiases.others;
      const options = `name: ${name}, filters: ${layer.filters}, kernelSize: ${layer.kernel}, ${weightsCode(layer, weighted, k0, '[-1]')}, biasInitializer: bias(${value})`;
      return {
        uses: ['qConv2DSparse'],
        code: `x = qConv2DSparse({ ${options} }).apply(${both}) as tf.SymbolicTensor;`,
      };
    }
    case 'pool': {
      const pool = layer.mode === 'max' ? 'maxPooling2DSparse' : 'averagePooling2DSparse';
      return {
        uses: [pool],
        code: `[x, mask] = ${pool}({ name: ${name}, poolSize: ${layer.size} }).apply(${both}) as tf.SymbolicTensor[];`,
      };
    }
    case 'flatten':
      return {
        uses: ['sparseFlatten'],
        code: `x = sparseFlatten({ name: ${name} }).apply(${both}) as tf.SymbolicTensor;`,
      };
    case 'dense': {
      const units = layer.units === 'classes' ? 'train.classes' : layer.units;
      const options = `name: ${name}, units: ${units}, ${weightsCode(layer, weighted, k0, '[]')}`;
      return { uses: ['qDense'], code: `x = qDense({ ${options} }).apply(x) as tf.SymbolicTensor;` };
    }
    default:
      throw new Error(`unknown layer ${JSON.stringify(layer satisfies never)}`);
  }
}

function weightsCode(
  { relu, bits, weightBits, beta }: Extract<LayerSpec, { readonly kind: 'conv' | 'dense' }>,
  weighted: number,
  k0: string,
  axes: string,
): string {
  return [
    `activation: '${relu ? 'relu' : 'linear'}'`,
    `kernelInitializer: glorot(${weighted})`,
    `iqConf: { k0: ${k0}, i0: 1, f0: ${bits}, heterogeneousAxis: ${axes} }`,
    `kqConf: { b0: ${weightBits} }`,
    ...(beta === null ? [] : [`beta0: ${beta}`]),
  ].join(', ');
}
