import type { LayerAttributes, ModelAttributes } from '../attributes/layer-attributes.ts';
import { optimizationAttributes } from '../attributes/optimization-attributes.ts';
import { checkAttributes, checkObjective } from '../check-arguments.ts';
import { groupsOf } from '../masks/groups.ts';
import type { ObjectiveEstimator } from './objective-estimator.ts';

/** Attributes that an objective chose, and what to tell about them. */
export interface ChosenAttributes {
  readonly attributes: ModelAttributes;
  /** Whole lines: layers that an objective would prune but cannot. */
  readonly notes: readonly string[];
}

/**
 * Asks the objective for every layer whether, and in which groups, something can be saved (hls4ml §1.10, step 4). Neurons and filters of the last
 * layer with a kernel stay: without them labels would be missing. Layers whose groups cannot be formed, or of which no group saves
 * anything, are not optimizable; a note says why. (Upstream fails on the first when it makes masks, and never prunes the second.)
 *
 * @throws OptionError for what is no objective and what are no attributes
 */
export function attributesForObjective(attributes: ModelAttributes, objective: ObjectiveEstimator): ChosenAttributes {
  checkAttributes(attributes, 'attributesForObjective');
  checkObjective(objective, 'attributesForObjective');
  const last = [...attributes.values()].filter(({ kind }) => kind !== null).at(-1)?.name;
  const notes: string[] = [];
  const chosen = new Map<string, LayerAttributes>();
  let isBehindLast = false;
  for (const [name, layer] of attributes) {
    isBehindLast ||= name === last;
    chosen.set(name, chosenFor(layer, objective, isBehindLast, notes));
  }
  return { attributes: chosen, notes };
}

function chosenFor(
  layer: LayerAttributes,
  objective: ObjectiveEstimator,
  isLast: boolean,
  notes: string[],
): LayerAttributes {
  const refused: LayerAttributes = { ...layer, optimizable: false, optimizationAttributes: optimizationAttributes() };
  const { kind, name, weightShape } = layer;
  if (kind === null) return refused;
  const { optimizable, attributes } = objective.isLayerOptimizable(layer);
  if (!optimizable || attributes === null) return refused;
  const keepsOutputs = isLast && attributes.structure === 'structured' && attributes.pruning;
  const optimization = keepsOutputs ? { ...attributes, pruning: false } : attributes;
  if (keepsOutputs && !optimization.weightSharing) return { ...refused, optimizationAttributes: optimization };
  const candidate: LayerAttributes = { ...layer, optimizable: true, optimizationAttributes: optimization };
  try {
    groupsOf(kind, weightShape, optimization, `Layer '${name}'`);
  } catch (error) {
    notes.push(`${(error as Error).message}; it is not optimised`);
    return refused;
  }
  if (objective.groupSavings === undefined && objective.layerSavings(candidate).every((saving) => saving === 0)) {
    notes.push(
      `Layer '${name}': by the objective '${objective.name}' no group of structure '${optimization.structure}' saves anything; it is not optimised`,
    );
    return refused;
  }
  return candidate;
}
