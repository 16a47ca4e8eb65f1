// Errors

export type { Choice, Condition, Point, Range, Space, Value } from '@sp/train/tune';
export { choice } from '@sp/train/tune';
export { SearchError } from './errors.ts';
// What is wanted
export { crowding, dominates, fronts, type Vector } from './objectives/dominance.ts';
export { hypervolume } from './objectives/hypervolume.ts';
export {
  type Constraint,
  type Goals,
  type Objective,
  paretoTrials,
  vectorOf,
  violationOf,
} from './objectives/objectives.ts';
// How far trials go
export type { PrunerSettings, RungMetric } from './pruner/pruner.ts';
// On many machines
export { type QueueOptions, redisRunner } from './queue/redis-runner.ts';
export { type RedisWorkerOptions, redisWorker } from './queue/redis-worker.ts';
// Looking at studies
export { type Importance, importanceOf } from './report/importance.ts';
export { type ShownStudy, studyReport, studyRun } from './report/study-report.ts';
// What trials do
export { type MakeProblem, PointError, type Problem, type TrialContext } from './run/problem.ts';
// Running
export { type RunStudyOptions, runStudy, type StudyResult } from './run/run-study.ts';
export type { Ended, Runner } from './run/runner.ts';
export { makeSampler } from './samplers/make-sampler.ts';
// How points are chosen
export type { History, Sampler, Search } from './samplers/sampler.ts';
export type {
  HaltonSettings,
  Nsga2Settings,
  RandomSettings,
  SamplerSettings,
  TpeSettings,
} from './samplers/settings.ts';
// What to search
export { float, integer, log, type NumberOptions } from './space.ts';
// Studies
export type { ProblemSettings, StudySettings, WholeSettings } from './study/settings.ts';
export { openStudy, type Study } from './study/study.ts';
export type { Metrics, Outcome, Rung, RungCheck, Task, Trial } from './study/trial.ts';
