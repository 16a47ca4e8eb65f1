/**
 * What `@sp/search` holds but does not promise: what the other packages of this repository share
 * with it, and the types that name options, results and parts of its public functions, so that
 * every declaration can be named. May change in any release; programs import the other entries.
 *
 * @module
 */

// What to search

export type { Choice, Condition, Point, Range, Space, Value } from '@sp/train/internal';
export type { NumberOptions } from './space.ts';

// What is wanted

export type { Vector } from './objectives/dominance.ts';
export type { Constraint } from './objectives/objectives.ts';

// How points are chosen

export type { History, Sampler } from './samplers/sampler.ts';
export type {
  HaltonSettings,
  Nsga2Settings,
  RandomSettings,
  SamplerSettings,
  TpeSettings,
} from './samplers/settings.ts';

// How far trials go

export type { PrunerSettings, RungMetric } from './pruner/pruner.ts';

// What trials do

export type { MakeProblem } from './run/problem.ts';

// Running

export type { RunStudyOptions, StudyResult } from './run/run-study.ts';
export type { Ended, Runner } from './run/runner.ts';

// On many machines

export type { QueueOptions } from './queue/redis-runner.ts';
export type { RedisWorkerOptions } from './queue/redis-worker.ts';

// Studies

export type { ProblemSettings, WholeSettings } from './study/settings.ts';
export type { Metrics, Outcome, Rung, RungCheck, Task } from './study/trial.ts';

// Looking at studies

export type { Importance } from './report/importance.ts';
export type { ShownStudy } from './report/study-report.ts';

// The search over networks

export type { LoadedSearchData } from './network/load-search-data.ts';
export type { NetworkParameter } from './network/network-parameters.ts';
export type { NetworkSettings, SearchData } from './network/network-settings.ts';
export type { RetrainedNetwork, RetrainOptions, Spread } from './network/retrain.ts';
export type { ParameterValues } from './network/search-network.ts';
export type { TrainNetworkOptions } from './network/train-network.ts';
