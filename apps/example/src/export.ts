import { join } from 'node:path';
import {
  type CompiledProject,
  compile,
  type Estimate,
  emit,
  estimate,
  goldenVectors,
  type HlsPlan,
  NoCompilerError,
  write,
} from '@sp/hls';
import { lower } from '@sp/layers';
import { type FixedGraph, saveGraph } from '@sp/quant';
import { writeFileWhole } from '@sp/quant/files';
import { type Dataset, sliceImages } from '@sp/train';
import type * as tf from '@tensorflow/tfjs';
import { type FirmwareOptions, planned } from './preflight.ts';

/** The fixed-point network and its firmware. */
export interface Firmware {
  readonly graph: FixedGraph;
  readonly plan: HlsPlan;
  readonly estimate: Estimate;
  /** Undefined without a C++ compiler. */
  readonly project: CompiledProject | undefined;
  /** Why there is no compiled program. */
  readonly compilerMessage: string | undefined;
  readonly compileSeconds: number;
}

/** Images with golden outputs in the testbench. */
const testbenchImages = 20;

/** Lowers a model, writes `graph.json`, `graph.bin` and `firmware/` into `folder` and compiles the firmware. */
export async function exportFirmware(
  model: tf.LayersModel,
  test: Dataset,
  options: FirmwareOptions,
  folder: string,
): Promise<Firmware> {
  const graph = lower(model, { name: model.name });
  const { json, weights } = saveGraph(graph);
  await writeFileWhole(join(folder, 'graph.json'), json);
  await writeFileWhole(join(folder, 'graph.bin'), weights);
  const plan = planned(graph, options);
  const examples = sliceImages(test, 0, Math.min(testbenchImages, test.labels.length));
  const firmware = join(folder, 'firmware');
  await write(emit(plan, { golden: goldenVectors(graph, examples.images) }), firmware);
  const start = performance.now();
  const { project, compilerMessage } = await compileIfPossible(firmware);
  return {
    graph,
    plan,
    estimate: estimate(plan),
    project,
    compilerMessage,
    compileSeconds: (performance.now() - start) / 1000,
  };
}

async function compileIfPossible(folder: string): Promise<Pick<Firmware, 'project' | 'compilerMessage'>> {
  try {
    return { project: await compile(folder), compilerMessage: undefined };
  } catch (cause) {
    if (cause instanceof NoCompilerError) return { project: undefined, compilerMessage: cause.message };
    throw cause;
  }
}
