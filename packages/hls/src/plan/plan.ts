import { analyse, type FixedGraph, type GraphNode } from '@sp/quant';
import type { HlsConfig } from '../config/config.ts';
import { checkConfig, resolveOptions } from '../config/resolve.ts';
import { ConfigError, FirmwareError } from '../errors.ts';
import { areaOf } from '../estimate/cost.ts';
import { estimate } from '../estimate/estimate.ts';
import type { Decisions, NodeContext } from '../kernels/kernel.ts';
import { kernelOf, kernels } from '../kernels/registry.ts';
import { applyPrecision } from './apply-precision.ts';
import { contextsOf } from './contexts.ts';
import { storageType } from './fixed-type.ts';
import type { HlsPlan } from './hls-plan.ts';
import { identifiers } from './identifiers.ts';

const OPTIONS = new Map([...kernels].map(([op, kernel]) => [op, kernel.options]));

/**
 * Decides how a graph becomes firmware. The configuration changes latency and area, never a value (but for `precision`).
 *
 * @throws ConfigError for unknown keys, names, or illegal factors, with the legal ones
 * @throws FirmwareError for a node without a kernel, or a graph without an input
 * @throws GraphError for an invalid graph
 * @example const decided = plan(graph, { model: { reuseFactor: 4 }, layerName: { conv1: { filtParallelFactor: 1 } } });
 */
export function plan(asked: FixedGraph, config: HlsConfig = {}): HlsPlan {
  const decided = decideAll(asked, config);
  const trees = decided.nodes.filter(({ op, decisions }, j) => {
    const free = () => resolveOptions(config, decided.graph.nodes[j]).get('variant') === undefined;
    return op === 'reduce' && decisions['variant'] === 'tree' && free();
  });
  if (trees.length === 0) return decided;
  // Without the loop of a tree nothing may loop, and then there are no buffers between processes.
  const prefix = trees.map(({ node }) => [node, { ...config.layerName?.[node], variant: 'prefix' }] as const);
  const other = decideAll(asked, { ...config, layerName: { ...config.layerName, ...Object.fromEntries(prefix) } });
  return areaOf(estimate(other)) <= areaOf(estimate(decided)) ? other : decided;
}

function decideAll(asked: FixedGraph, config: HlsConfig): HlsPlan {
  analyse(asked);
  for (const node of asked.nodes) kernelOf(node);
  if (!asked.nodes.some(({ op }) => op === 'input')) {
    throw new FirmwareError(
      `graph "${asked.name}" has no input, so that its outputs never change and nothing says when to compute them; add an input node`,
    );
  }
  checkConfig(config, asked, OPTIONS);
  const { graph, formerNames } = applyPrecision(asked, config);
  const inferred = analyse(graph);

  const { top: name, values: ids } = identifiers(
    graph.name,
    graph.nodes.map((node) => node.name),
  );
  const types = graph.nodes.map((node) => storageType(node.format));
  const model = config.model ?? {};
  const ioType = model.ioType ?? 'io_parallel';
  const backend = model.backend ?? 'Vitis';
  const decideWith = (sums: (node: GraphNode) => boolean) => {
    const contexts = contextsOf(graph, inferred, ids, types, { ioType, backend }, sums);
    return contexts.map((context) => {
      const kernel = kernelOf(context.node);
      const decisions = decide(context, config, contexts, formerNames);
      return { context, decisions, loops: kernel.loops(context, decisions) };
    });
  };
  // Kernels are offered packets to add up; those that do not take them get whole values.
  const offered = decideWith(() => true);
  const takers = new Set(
    offered.filter(({ decisions }) => decisions['packets'] !== undefined).map(({ context: { node } }) => node.name),
  );
  const refused = offered.some(
    ({ context: { node } }) => kernelOf(node).packets === 'summed' && !takers.has(node.name),
  );
  const decided = ioType === 'io_stream' && refused ? decideWith(({ name }) => takers.has(name)) : offered;

  const rolled = decided.find(({ loops }) => loops);
  const wanted = model.pipelineStyle ?? 'auto';
  if (wanted === 'pipeline' && ioType === 'io_stream') {
    throw new ConfigError(
      'config.model.pipelineStyle = "pipeline" does not go with io_stream, whose stages are processes; use "dataflow" or "auto"',
    );
  }
  if (wanted === 'pipeline' && rolled !== undefined) {
    throw new ConfigError(
      `config.model.pipelineStyle = "pipeline" would unroll the loops of node "${rolled.context.node.name}"; use "dataflow" or "auto"`,
    );
  }
  return {
    version: 1,
    name,
    graph,
    settings: {
      ioType,
      pipelineStyle:
        wanted !== 'auto' ? wanted : rolled === undefined && ioType === 'io_parallel' ? 'pipeline' : 'dataflow',
      clockPeriod: model.clockPeriod ?? 5,
      clockUncertainty: model.clockUncertainty ?? (backend === 'Vitis' ? 27 : 12.5),
      part: model.part ?? 'xcu250-figd2104-2L-e',
      backend,
    },
    nodes: decided.map(({ context, decisions }) => ({
      node: context.node.name,
      op: context.node.op,
      id: context.id,
      type: context.type,
      decisions,
    })),
  };
}

/** Decides for one node; when a factor set for all layers does not fit this one, the message adds what would fit. */
function decide(
  context: NodeContext,
  config: HlsConfig,
  all: readonly NodeContext[],
  formerNames: ReadonlyMap<string, string>,
): Decisions {
  const kernel = kernelOf(context.node);
  const { node } = context;
  const options = resolveOptions(config, { ...node, name: formerNames.get(node.name) ?? node.name });
  try {
    return kernel.decide(context, options);
  } catch (error) {
    if (!(error instanceof ConfigError) || !/ model\./.test(error.message)) throw error;
    const layers = new Set(
      all.filter(({ node }) => node.op === context.node.op).map(({ node }) => node.layer ?? node.name),
    );
    const hint = layers.size > 1 ? `; or set it per layer with layerName (${[...layers].join(', ')})` : '';
    throw new ConfigError(`${error.message}${hint}`, { cause: error });
  }
}
