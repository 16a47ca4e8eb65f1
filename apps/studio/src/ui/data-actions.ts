import type { FileOptions } from '@sp/train';
import { type BuiltInData, type DataChoice, describeSource, splitDefaults } from '../project/data-choice.ts';
import { fileData } from '../project/file-kind.ts';
import { reductionOf, withReduction } from '../project/network.ts';
import { presets } from '../project/presets.ts';
import { number } from './amounts.ts';
import { ask, attempt, change, message, project, say, summary } from './session.ts';

/** Files that were chosen last: another split or option reads them again. */
let chosen: readonly File[] = [];

/** Takes images that the studio has, and the network that is made for them unless one was changed. */
export async function takeBuiltIn(source: BuiltInData): Promise<void> {
  chosen = [];
  const isLoaded = await loadChoice({ source, split: project.value.data?.split ?? splitDefaults });
  if (!isLoaded || project.value.runs.length > 0) return;
  const fitting = Object.values(presets).find(({ data }) => data.kind === source.kind);
  if (fitting !== undefined) change({ network: fitting.network });
}

/** Takes files that were dropped or chosen. */
export async function takeFiles(files: readonly File[]): Promise<void> {
  const found = fileData(files.map(({ name }) => name));
  if (typeof found === 'string') {
    message.value = { text: found, isError: true };
    return;
  }
  chosen = found.files.map((name) => files.find((file) => file.name === name) as File);
  const before = project.value.data;
  const options = before?.source.kind === found.kind && 'options' in before.source ? before.source.options : {};
  const isLoaded = await loadChoice({ source: { ...found, options }, split: before?.split ?? splitDefaults });
  if (!isLoaded || project.value.runs.length > 0) return;
  const suggested = await attempt(() => ask('suggestion', undefined));
  if (suggested !== undefined && suggested !== null)
    change({ network: withReduction(project.value.network, suggested) });
}

/** Reads the same files in another way. */
export async function changeOptions(options: FileOptions): Promise<void> {
  const { data } = project.value;
  if (data === null || !('options' in data.source)) return;
  if (chosen.length === 0) {
    message.value = { text: `Choose ${data.source.files.join(', ')} again to read it in another way.`, isError: true };
    return;
  }
  await loadChoice({ ...data, source: { ...data.source, options } });
}

/** Divides the same images in another way. */
export async function changeSplit(split: DataChoice['split']): Promise<void> {
  const { data } = project.value;
  if (data === null) return;
  if ('files' in data.source && chosen.length === 0) {
    message.value = {
      text: `Choose ${data.source.files.join(', ')} again to divide it in another way.`,
      isError: true,
    };
    return;
  }
  await loadChoice({ ...data, split });
}

let loads = 0;

async function loadChoice(choice: DataChoice): Promise<boolean> {
  const load = ++loads;
  say('Reading the images …');
  const found = await attempt(() => ask('load', { project: project.value.id, choice, files: [...chosen] }));
  if (found === undefined || load !== loads) return false;
  summary.value = found;
  change({
    data: choice,
    name: project.value.name === 'Untitled' ? describeSource(choice.source) : project.value.name,
  });
  const { network } = project.value;
  const { n = 1 } = reductionOf(network) ?? {};
  const pixels = found.shape[0] * found.shape[1];
  if (n > pixels) change({ network: withReduction(network, { n: pixels }) });
  const count = Object.values(found.counts)
    .flat()
    .reduce((sum, c) => sum + c, 0);
  say(`${number(count)} images of ${found.shape.join(' × ')} in ${found.classes} classes.`);
  return true;
}
