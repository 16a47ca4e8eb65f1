import { OptionError } from '@sp/train';
import type {
  FirmwareConfig,
  KernelValues,
  MaskOptions,
  ModelAttributes,
  ModelMasks,
  RankingMetric,
} from '@sp/train/internal';
import { attributesFromModelAndConfig, getModelMasks, type KnapsackSolver } from '@sp/train/prune';
import { asList, asNumber, asRow, asRows, asTensor, asText, FixtureError, type Row } from '../legacy/fixture.ts';
import { absolute, type Check, missing, relativeToMax } from '../parity/compare.ts';
import { asFlag, asNumbers, attributesOfRow, OBJECTIVES } from './attributes-of-row.ts';
import { layersModel, type RecordedLayer } from './layers-model.ts';
import { sameNumbers } from './objectives.ts';
import { laterRefusal } from './refusal.ts';

/** Masks, offsets and resources of every recorded case; one group per objective. */
export async function checkMasks(content: unknown): Promise<readonly Check[]> {
  const file = asRow(content, 'the file');
  const checks: Check[] = [];
  const rows = asRows(file['rows'], 'rows');
  for (const [j, row] of rows.entries()) checks.push(...(await checkRow(row, `rows[${j}]`)));
  for (const [j, row] of asRows(file['errors'] ?? [], 'errors').entries()) {
    checks.push(await checkError(row, `errors[${j}]`, rows[0]));
  }
  return checks;
}

async function checkRow(row: Row, where: string): Promise<readonly Check[]> {
  const group = asText(row['objective'], `${where}.objective`);
  const objective = OBJECTIVES[group];
  if (objective === undefined) return [missing(group, `${where}: nothing here knows this objective`)];
  const what = `${where} (${['id', 'metric', 'solver', 'sparsity'].map((key) => String(row[key])).join(', ')})`;
  const setting = settingOf(row, where);
  const { model, attributes, layers } = setting;
  const checks: Check[] = [];
  for (const [name, layer] of attributes) {
    const { hardware } = layer.args;
    const at = `${what} ${name}`;
    const recorded = layers[name];
    if (hardware === undefined || recorded === undefined) continue;
    const sizes = [recorded['n_in'], recorded['n_out']].map((size, k) => asNumber(size, `${at}: n_${k}`));
    checks.push(absolute(group, `${at}: n_in, n_out`, [hardware.nIn, hardware.nOut], sizes, 0));
    checks.push(
      sameNumbers(group, `${at}: resources`, objective.layerResources(layer), recorded['resources'], objective),
    );
    if (recorded['savings'] !== null) {
      checks.push(sameNumbers(group, `${at}: savings`, objective.layerSavings(layer), recorded['savings'], objective));
    }
  }
  const sparsity = asNumber(row['sparsity'], `${where}.sparsity`);
  const options = optionsOf(row, where);
  const masks = (): Promise<ModelMasks> => getModelMasks(model, attributes, sparsity, objective, options);
  const expected = expectedOf(row, where);
  if (expected === 'refuse') checks.push(await laterRefusal(group, what, masks, OptionError));
  else checks.push(...compare(group, what, await masks(), expected, where));
  model.dispose();
  return checks;
}

/** What is right: upstream's, or what stands beside it. Greedy choices are upstream's greedy ones. */
function expectedOf(row: Row, where: string): Row | 'refuse' {
  const upstream = asRow(row['upstream'], `${where}.upstream`);
  const { right } = row;
  if (typeof right === 'string') {
    if (right.startsWith('refuse')) return 'refuse';
    throw new FixtureError(`${where}.right`, "masks, or 'refuse: …'");
  }
  const isHeuristic = row['solver'] === 'greedy' && /^none\b/.test(String(row['defect']));
  if (right !== undefined && !isHeuristic) return asRow(right, `${where}.right`);
  if ('error' in upstream)
    throw new FixtureError(`${where}.upstream`, 'an answer, and there is nothing right beside it');
  return upstream;
}

function compare(group: string, what: string, actual: ModelMasks, expected: Row, where: string): readonly Check[] {
  const masks = asRow(expected['masks'], `${where}: masks`);
  const offsets = asRow(expected['offsets'], `${where}: offsets`);
  const names = Object.keys(masks);
  const checks = [
    absolute(
      group,
      `${what}: layers ${[...actual.masks.keys()]}`,
      [[...actual.masks.keys()].sort().join() === [...names].sort().join() ? 0 : 1],
      [0],
      0,
    ),
  ];
  for (const name of names) {
    const mask = actual.masks.get(name) ?? [];
    const recorded = [...asText(masks[name], `${where}: masks.${name}`)].map(Number);
    checks.push(absolute(group, `${what} ${name}: mask`, mask, recorded, 0));
    const offset =
      offsets[name] === null ? recorded.map(() => 0) : asNumbers(offsets[name], `${where}: offsets.${name}`);
    checks.push(relativeToMax(group, `${what} ${name}: offset`, actual.offsets.get(name) ?? [], [offset], 1e-6));
  }
  return checks;
}

function optionsOf(row: Row, where: string): MaskOptions {
  const values = (key: string): KernelValues | null => {
    if (row[key] == null) return null;
    const tensors = Object.entries(asRow(row[key], `${where}.${key}`));
    return new Map(tensors.map(([name, tensor]) => [name, asTensor(tensor, `${where}.${key}.${name}`).data]));
  };
  return {
    metric: asText(row['metric'], `${where}.metric`) as RankingMetric,
    local: asFlag(row['local'], `${where}.local`),
    solver: asText(row['solver'], `${where}.solver`) as KnapsackSolver,
    gradients: values('gradients'),
    hessians: values('hessians'),
    normalization: 'compat',
    say: () => {},
  };
}

/** A model with the row's layers, and its attributes. */
function settingOf(
  row: Row,
  where: string,
): {
  readonly model: ReturnType<typeof layersModel>;
  readonly attributes: ModelAttributes;
  readonly layers: Readonly<Record<string, Row>>;
} {
  const at = `${where}.layers`;
  const all = asRow(row['layers'], at);
  // The order names activations, too.
  const order = asList(row['order'], `${where}.order`)
    .map(String)
    .filter((name) => name in all);
  if (order.length !== Object.keys(all).length) throw new FixtureError(`${where}.order`, 'the order of all layers');
  const layers = Object.fromEntries(order.map((name) => [name, asRow(all[name], `${at}.${name}`)]));
  const recorded = Object.entries(layers).map(
    ([name, layer]): RecordedLayer => ({
      name,
      className: asText(layer['class'], `${at}.${name}.class`),
      kernel: asTensor(layer['weight'], `${at}.${name}.weight`),
      inputShape: asNumbers(layer['input_shape'], `${at}.${name}.input_shape`),
    }),
  );
  const model = layersModel(recorded, at);
  const attributes = attributesFromModelAndConfig(model, row['hls_config'] as FirmwareConfig);
  const completed = [...attributes].map(([name, layer]) => {
    const own = layers[name];
    if (own === undefined) return [name, layer] as const;
    const optimizable = asFlag(own['optimizable'], `${at}.${name}.optimizable`);
    return [
      name,
      {
        ...layer,
        // Windows and strides are not recorded.
        outputShape: asNumbers(own['output_shape'], `${at}.${name}.output_shape`),
        optimizable,
        ...(own['attributes'] !== null && {
          optimizationAttributes: attributesOfRow(own['attributes'], `${at}.${name}.attributes`),
        }),
      },
    ] as const;
  });
  return { model, attributes: new Map(completed), layers };
}

async function checkError(row: Row, where: string, example: Row): Promise<Check> {
  const name = asText(row['case'], `${where}.case`);
  const wrong: Readonly<Record<string, MaskOptions>> = {
    'unknown metric': { metric: 'l3' as RankingMetric },
    'oracle without gradients': { metric: 'oracle' },
    'saliency without hessians': { metric: 'saliency' },
  };
  if (wrong[name] === undefined) return missing('errors', `${where}: nothing here knows the case '${name}'`);
  const { model, attributes } = settingOf(example, 'rows[0]');
  const objective = OBJECTIVES['Parameter'];
  return laterRefusal('errors', name, () => getModelMasks(model, attributes, 0.5, objective, wrong[name]), OptionError);
}
