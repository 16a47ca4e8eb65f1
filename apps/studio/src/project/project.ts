import type { DataChoice } from './data-choice.ts';
import type { FirmwareSettings } from './firmware-settings.ts';
import { firmwareDefaults } from './firmware-settings.ts';
import type { NetworkSpec } from './network.ts';
import { presets } from './presets.ts';
import type { Run } from './run.ts';
import { type TrainingSettings, trainingDefaults } from './training-settings.ts';

/** All that a user decided and what came of it; plain data. Images and weights are kept beside it. */
export interface Project {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  /** Null: none chosen yet. */
  readonly data: DataChoice | null;
  readonly network: NetworkSpec;
  readonly training: TrainingSettings;
  readonly firmware: FirmwareSettings;
  readonly runs: readonly Run[];
}

/** An empty project. */
export function newProject(id: string): Project {
  return {
    version: 1,
    id,
    name: 'Untitled',
    data: null,
    network: presets.digits.network,
    training: trainingDefaults,
    firmware: firmwareDefaults,
    runs: [],
  };
}
