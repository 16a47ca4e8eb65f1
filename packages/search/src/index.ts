// What to search

export { choice } from '@sp/train/tune';
export { float, integer, log } from './space.ts';

// What is wanted

export { fronts } from './objectives/dominance.ts';
export { hypervolume } from './objectives/hypervolume.ts';
export { type Goals, type Objective, paretoTrials } from './objectives/objectives.ts';

// How points are chosen

export { makeSampler } from './samplers/make-sampler.ts';
export type { Search } from './samplers/sampler.ts';

// What trials do

export { PointError, type Problem, type TrialContext } from './run/problem.ts';

// Running

export { runStudy } from './run/run-study.ts';

// On many machines

export { redisRunner } from './queue/redis-runner.ts';
export { redisWorker } from './queue/redis-worker.ts';

// Studies

export type { StudySettings } from './study/settings.ts';
export { openStudy, type Study } from './study/study.ts';
export type { Trial } from './study/trial.ts';

// Looking at studies

export { importanceOf } from './report/importance.ts';
export { studyReport, studyRun } from './report/study-report.ts';

// Errors

export { SearchError } from './errors.ts';
