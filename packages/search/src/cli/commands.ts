import { basename, join } from 'node:path';
import { type Command, readOptions, UsageError, writeText } from '@sp/quant/cli';
import { NETWORK_PARAMETERS } from '../network/network-parameters.ts';
import { paretoTrials } from '../objectives/objectives.ts';
import { redisRunner } from '../queue/redis-runner.ts';
import { redisWorker } from '../queue/redis-worker.ts';
import { runStudy } from '../run/run-study.ts';
import { type StudySettings, wholeSettings } from '../study/settings.ts';
import { openStudy } from '../study/study.ts';
import type { Trial } from '../study/trial.ts';
import { EXAMPLE } from './example-settings.ts';
import { type OptionName, type Options, picked, queueOf, whole } from './options.ts';
import { retrainTable, trialLine, trialTable } from './trial-lines.ts';

/** All commands by name. */
export const COMMANDS: Readonly<Record<string, Command<OptionName>>> = {
  example: {
    usage: 'example',
    help: 'settings of a study as JSON, to begin with: save them, edit them',
    arguments: [0, 0],
    options: [],
    async run(_, __, { out }) {
      out(JSON.stringify(EXAMPLE, undefined, 2));
      return 0;
    },
  },
  parameters: {
    usage: 'parameters',
    help: 'what of a network can be searched, with the values it has when it is not',
    arguments: [0, 0],
    options: [],
    async run(_, __, { out }) {
      for (const [name, { default: value, about, asked }] of Object.entries(NETWORK_PARAMETERS)) {
        out(`${name.padEnd(20)} ${String(value).padEnd(8)} ${about} (${asked})`);
      }
      out('hls.OPTION           of the firmware plan, e.g. hls.ioType, hls.strategy; of one layer hls.LAYER.OPTION');
      out('rtl.OPTION           of the hardware plan: rtl.interval, rtl.levelsPerStage');
      return 0;
    },
  },
  run: {
    usage: 'run SETTINGS DIR',
    help: 'run a study, or go on with it: SETTINGS is a JSON file (see example), DIR the folder of the study; may be killed at any time',
    arguments: [2, 2],
    options: ['workers', 'trials', 'redis', 'queue', 'json'],
    async run([file, folder], options, { out, error }) {
      const settings = await settingsOf(file, options);
      const goals = wholeSettings(settings, file);
      if (options.workers !== undefined && options.redis !== undefined) {
        throw new UsageError('--workers and --redis: with a queue the workers are others; leave one of them out');
      }
      const stop = new AbortController();
      const forget = onStop(() => {
        error('stopping; the same command goes on from here');
        stop.abort();
      });
      try {
        const { trials, front, stopped } = await runStudy({
          folder,
          settings,
          signal: stop.signal,
          ...(options.workers === undefined ? {} : { workers: whole('workers', options.workers) }),
          ...(options.redis === undefined
            ? {}
            : { runner: await redisRunner(folder, settings, { ...queueOf(options), say: error }) }),
          onTrial: (trial) => error(trialLine(trial, goals)),
          say: error,
        });
        out(summary(trials, settings.trials));
        if (front.length > 0) out(trialTable(front, goals));
        if (options.json !== undefined) out(JSON.stringify({ stopped, trials: trials.length, front }));
        return stopped === 'finished' ? 0 : 1;
      } finally {
        forget();
      }
    },
  },
  worker: {
    usage: 'worker',
    help: 'work on trials of a queue until it is stopped; SIGTERM: end those at work first, twice: at once',
    arguments: [0, 0],
    options: ['redis', 'queue', 'workers', 'patience'],
    async run(_, options, { error }) {
      const [stop, kill] = [new AbortController(), new AbortController()];
      const forget = onStop(() => {
        if (stop.signal.aborted) kill.abort();
        else error('stopping when the trials at work have ended; once more: at once');
        stop.abort();
      });
      try {
        await redisWorker({
          ...queueOf(options),
          ...(options.workers === undefined ? {} : { workers: whole('workers', options.workers) }),
          ...(options.patience === undefined ? {} : { patience: whole('patience', options.patience) }),
          signal: stop.signal,
          killSignal: kill.signal,
          say: error,
        });
        return 0;
      } finally {
        forget();
      }
    },
  },
  status: {
    usage: 'status DIR',
    help: 'how far a study is, and the trials that no other beats',
    arguments: [1, 1],
    options: ['json'],
    async run([folder], options, { out }) {
      const study = await openStudy(folder, null);
      try {
        const { trials, settings } = study;
        const front = paretoTrials(trials, settings);
        out(summary(trials));
        if (front.length > 0) out(trialTable(front, settings));
        if (options.json !== undefined) out(JSON.stringify({ trials, front: front.map(({ number }) => number) }));
        return 0;
      } finally {
        await study.close();
      }
    },
  },
  report: {
    usage: 'report DIR',
    help: 'the study as one HTML page: fronts, parallel coordinates, what matters, slices',
    arguments: [1, 1],
    options: ['out'],
    async run([folder], options, { out }) {
      const study = await openStudy(folder, null);
      try {
        const { studyReport } = await import('../report/study-report.ts');
        const file = options.out ?? join(folder, 'report.html');
        await writeText(file, await studyReport(study, basename(folder)));
        out(`${study.trials.length} trials in ${file}`);
        return 0;
      } finally {
        await study.close();
      }
    },
  },
  retrain: {
    usage: 'retrain DIR OUT',
    help: 'train trials of a study of networks again from several seeds; mean, spread and test accuracy; the best one of each as verified firmware in OUT',
    arguments: [2, 2],
    options: ['pick', 'seeds', 'epochs', 'workers', 'json'],
    async run([study, folder], options, { out, error }) {
      const { retrain } = await import('../network/retrain.ts');
      const stop = new AbortController();
      const forget = onStop(() => stop.abort());
      try {
        const networks = await retrain({
          study,
          out: folder,
          ...(options.pick === undefined ? {} : { trials: picked(options.pick) }),
          ...(options.seeds === undefined ? {} : { seeds: whole('seeds', options.seeds) }),
          ...(options.epochs === undefined ? {} : { epochs: whole('epochs', options.epochs) }),
          ...(options.workers === undefined ? {} : { workers: whole('workers', options.workers) }),
          signal: stop.signal,
          onTrial: ({ point, metrics, state }) =>
            error(
              `trial ${point['trial']}, seed ${point['seed']}: ${state}, valAccuracy ${metrics['valAccuracy'] ?? '-'}`,
            ),
          say: error,
        });
        out(retrainTable(networks));
        if (options.json !== undefined) out(JSON.stringify(networks));
        const differ = networks.some(({ best }) => {
          const { modelMismatches = 0, firmwareMismatches = 0 } = best?.firmware ?? {};
          return modelMismatches + firmwareMismatches > 0;
        });
        return stop.signal.aborted || differ ? 1 : 0;
      } finally {
        forget();
      }
    },
  },
};

/** Does something when the program is asked to stop. */
function onStop(act: () => void): () => void {
  process.on('SIGINT', act).on('SIGTERM', act);
  return () => void process.off('SIGINT', act).off('SIGTERM', act);
}

async function settingsOf(file: string, { trials }: Options): Promise<StudySettings> {
  const settings = (await readOptions('settings', file)) as StudySettings;
  return trials === undefined ? settings : { ...settings, trials: whole('trials', trials) };
}

function summary(trials: readonly Trial[], of?: number): string {
  const count = (state: Trial['state']): number => trials.filter((trial) => trial.state === state).length;
  const all = of === undefined ? `${trials.length} trials` : `${trials.length} of ${of} trials`;
  return `${all}: ${count('finished')} finished, ${count('pruned')} given up at a rung, ${count('failed')} failed`;
}
