import { mkdir } from 'node:fs/promises';
import { compare, compile, emit, goldenVectors, NoCompilerError, plan, write } from '@sp/hls';
import { loadModel, lower, registerLayers, setBackend } from '@sp/layers';
import { predictAll, sliceImages } from '@sp/train';
import type { Point } from '@sp/train/internal';
import { planOptions } from './firmware-plan.ts';
import { loadSearchData } from './load-search-data.ts';
import { fixedAccuracy, fixedScores } from './measure-network.ts';
import type { NetworkSettings } from './network-settings.ts';

/** Firmware, and how it was verified on the test images. */
export interface ExportedFirmware {
  readonly folder: string;
  /** Accuracy of the network in fixed point. */
  readonly testAccuracy: number;
  /** Scores in which the trained network and the fixed-point one differ. The goal is 0, always. */
  readonly modelMismatches: number;
  /** Codes of all nodes in which the fixed-point network and the compiled C++ differ; undefined without a compiler. The goal is 0, always. */
  readonly firmwareMismatches: number | undefined;
}

/** Images with golden outputs in the testbench. */
const TESTBENCH = 20;

/**
 * Writes the firmware of a trained network, planned as its point says, and compares it with the network on all test images.
 *
 * @param network folder of the trained network, as `saveModel` writes it
 */
export async function exportNetwork(
  network: string,
  point: Point,
  settings: NetworkSettings,
  folder: string,
): Promise<ExportedFirmware> {
  registerLayers();
  await setBackend('auto');
  const { test } = await loadSearchData(settings);
  const model = await loadModel(network);
  try {
    const graph = lower(model);
    const { hls } = planOptions(point, settings.fixed ?? {});
    const golden = goldenVectors(graph, sliceImages(test, 0, Math.min(TESTBENCH, test.labels.length)).images);
    await mkdir(folder, { recursive: true });
    await write(emit(plan(graph, hls), { golden }), folder);
    const scores = fixedScores(graph, test);
    const modelMismatches = predictAll(model, test).reduce((sum, score, j) => sum + (score === scores[j] ? 0 : 1), 0);
    const project = await compile(folder).catch((error: unknown) => {
      if (error instanceof NoCompilerError) return undefined;
      throw error;
    });
    const compared = project === undefined ? undefined : await compare(graph, project, test.images);
    return {
      folder,
      testAccuracy: fixedAccuracy(graph, test),
      modelMismatches,
      firmwareMismatches: compared?.mismatches,
    };
  } finally {
    model.dispose();
  }
}
