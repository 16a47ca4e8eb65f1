import { type Command, readOptions } from '@sp/quant/cli';
import { NETWORK_PARAMETERS } from '../network/network-parameters.ts';
import { paretoTrials } from '../objectives/objectives.ts';
import { runStudy } from '../run/run-study.ts';
import { type StudySettings, wholeSettings } from '../study/settings.ts';
import { openStudy } from '../study/study.ts';
import type { Trial } from '../study/trial.ts';
import { EXAMPLE } from './example-settings.ts';
import { type OptionName, type Options, whole } from './options.ts';
import { trialLine, trialTable } from './trial-lines.ts';

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
    options: ['workers', 'trials', 'json'],
    async run([file, folder], options, { out, error }) {
      const settings = await settingsOf(file, options);
      const goals = wholeSettings(settings, file);
      const stop = new AbortController();
      const onSignal = (): void => {
        error('stopping; the same command goes on from here');
        stop.abort();
      };
      process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
      try {
        const { trials, front, stopped } = await runStudy({
          folder,
          settings,
          signal: stop.signal,
          ...(options.workers === undefined ? {} : { workers: whole('workers', options.workers) }),
          onTrial: (trial) => error(trialLine(trial, goals)),
          say: error,
        });
        out(summary(trials, settings.trials));
        if (front.length > 0) out(trialTable(front, goals));
        if (options.json !== undefined) out(JSON.stringify({ stopped, trials: trials.length, front }));
        return stopped === 'finished' ? 0 : 1;
      } finally {
        process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
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
};

async function settingsOf(file: string, { trials }: Options): Promise<StudySettings> {
  const settings = (await readOptions('settings', file)) as StudySettings;
  return trials === undefined ? settings : { ...settings, trials: whole('trials', trials) };
}

function summary(trials: readonly Trial[], of?: number): string {
  const count = (state: Trial['state']): number => trials.filter((trial) => trial.state === state).length;
  const all = of === undefined ? `${trials.length} trials` : `${trials.length} of ${of} trials`;
  return `${all}: ${count('finished')} finished, ${count('pruned')} given up at a rung, ${count('failed')} failed`;
}
