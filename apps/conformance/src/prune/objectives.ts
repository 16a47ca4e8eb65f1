import type { LayerAttributes, OptimizationAttributes, Structure } from '@sp/train/internal';
import { hardwareAttributes, type ObjectiveEstimator, optimizationAttributes } from '@sp/train/prune';
import { asList, asNumber, asRow, asRows, asText, FixtureError, type Row } from '../legacy/fixture.ts';
import { absolute, type Check, missing } from '../parity/compare.ts';
import { asFlag, asNumbers, attributesOfRow, OBJECTIVES } from './attributes-of-row.ts';

const columns = ['structure', 'pruning', 'weight_sharing', 'pattern_offset', 'consecutive_patterns', 'savings'];

/** Choices, resources and savings of every recorded combination; one group per objective. */
export function checkObjectives(content: unknown): readonly Check[] {
  const file = asRow(content, 'the file');
  const found = asList(file['savings_columns'], 'savings_columns');
  if (found.join() !== columns.join()) throw new FixtureError('savings_columns', `the list ${columns.join(', ')}`);
  return asRows(file['rows'], 'rows').flatMap((row, j) => checkRow(row, `rows[${j}]`));
}

function checkRow(row: Row, where: string): readonly Check[] {
  const group = asText(row['objective'], `${where}.objective`);
  const objective = OBJECTIVES[group];
  if (objective === undefined) return [missing(group, `${where}: nothing here knows this objective`)];
  const layer = layerOf(row, where);
  if (layer === null) return [missing(group, `${where}: nothing here knows the layer ${String(row['layer'])}`)];
  const checks: Check[] = [];
  const { optimizable, attributes } = objective.isLayerOptimizable(layer);
  const expected = asFlag(row['optimizable'], `${where}.optimizable`);
  checks.push(absolute(group, `${where}: optimizable`, [Number(optimizable)], [Number(expected)], 0));
  if (row['chosen'] === null) {
    checks.push(absolute(group, `${where}: chosen`, [attributes === null ? 0 : 1], [0], 0));
  } else {
    const chosen = attributesOfRow(row['chosen'], `${where}.chosen`);
    const isSame = attributes !== null && JSON.stringify(sorted(attributes)) === JSON.stringify(sorted(chosen));
    checks.push(absolute(group, `${where}: chosen`, [isSame ? 0 : 1], [0], 0));
    const savings = objective.layerSavings({
      ...layer,
      optimizationAttributes: attributes ?? optimizationAttributes(),
    });
    checks.push(sameNumbers(group, `${where}: chosen_savings`, savings, row['chosen_savings'], objective));
  }
  checks.push(sameNumbers(group, `${where}: resources`, objective.layerResources(layer), row['resources'], objective));
  for (const [k, entry] of asList(row['savings'], `${where}.savings`).entries()) {
    const at = `${where}.savings[${k}]`;
    const [structure, pruning, weightSharing, patternOffset, consecutivePatterns, savings] = asList(entry, at);
    const settings = optimizationAttributes({
      structure: asText(structure, `${at}[0]`) as Structure,
      pruning: asFlag(pruning, `${at}[1]`),
      weightSharing: asFlag(weightSharing, `${at}[2]`),
      patternOffset: asNumber(patternOffset, `${at}[3]`),
      consecutivePatterns: asNumber(consecutivePatterns, `${at}[4]`),
      // Not recorded: blocks of these rows have two rows and columns.
      blockShape: structure === 'block' ? [2, 2] : [1, 1],
    });
    const actual = objective.layerSavings({ ...layer, optimizationAttributes: settings });
    checks.push(sameNumbers(group, `${at} ${String(structure)}`, actual, savings, objective));
  }
  return checks;
}

function layerOf(row: Row, where: string): LayerAttributes | null {
  const layerType = asText(row['layer'], `${where}.layer`);
  const kind = /Dense$/.test(layerType) ? 'dense' : /Conv2D$/.test(layerType) ? 'conv2d' : null;
  if (kind === null) return null;
  const shape = (name: string): number[] => asNumbers(row[name], `${where}.${name}`);
  const weightShape = shape('weight_shape');
  const inputShape = shape('input_shape');
  const outputShape = shape('output_shape');
  const size = (extents: readonly number[]): number => extents.reduce((product, extent) => product * extent, 1);
  const width = (name: string): string => `ap_fixed<${asNumber(row[name], `${where}.${name}`)},6>`;
  return {
    name: 'layer',
    layerType,
    kind,
    inboundLayers: [],
    weightShape,
    inputShape,
    outputShape,
    optimizable: false,
    optimizationAttributes: optimizationAttributes(),
    args: {
      hardware: hardwareAttributes({
        nIn: kind === 'dense' ? size(inputShape) : size(weightShape.slice(0, -2)),
        nOut: kind === 'dense' ? size(outputShape) : weightShape[weightShape.length - 1],
        ioType: asText(row['io_type'], `${where}.io_type`) as 'io_parallel',
        strategy: asText(row['strategy'], `${where}.strategy`),
        weightPrecision: width('weight_width'),
        outputPrecision: width('output_width'),
        reuseFactor: asNumber(row['reuse_factor'], `${where}.reuse_factor`),
      }),
    },
  };
}

/** Upstream writes one 0 for nothing, whatever the number of dimensions. */
export function sameNumbers(
  group: string,
  what: string,
  actual: readonly number[],
  recorded: unknown,
  { dimensions }: ObjectiveEstimator,
): Check {
  const expected = asNumbers(recorded, what);
  const isNothing = expected.length === 1 && expected[0] === 0;
  return absolute(group, what, actual, isNothing ? dimensions.map(() => 0) : expected, 0);
}

function sorted(attributes: OptimizationAttributes): readonly (readonly [string, unknown])[] {
  return Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
}
