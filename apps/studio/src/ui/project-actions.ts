import { newProject } from '../project/project.ts';
import { interrupted } from '../project/run.ts';
import { endTrainings, lookedRun } from './run-actions.ts';
import { saveFile } from './save-file.ts';
import { ask, attempt, newId, project, say, summary } from './session.ts';

/** Leaves the project, after asking, for an empty one. */
export async function startAnew(): Promise<void> {
  const { data, runs } = project.value;
  const isEmpty = data === null && runs.length === 0;
  if (
    !isEmpty &&
    !confirm('Begin anew? Images and runs of this project are removed from the browser; “Save as file” keeps them.')
  )
    return;
  endTrainings();
  await attempt(() => ask('forgetProject', { project: project.value }));
  lookedRun.value = null;
  summary.value = null;
  project.value = newProject(newId());
  say('A new project.');
}

/** The whole project as a file. */
export async function saveProject(): Promise<void> {
  await attempt(async () => {
    const content = await ask('projectFile', { project: project.value });
    const name = project.value.name.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'project';
    saveFile({ name: `${name}.sp-studio.zip`, type: 'application/zip', content });
    say('The project is saved as a file.');
  });
}

/** Opens a project's file instead of the project. */
export async function openProject(file: File): Promise<void> {
  await attempt(async () => {
    const opened = await ask('openProjectFile', { file });
    endTrainings();
    lookedRun.value = null;
    project.value = { ...opened, runs: interrupted(opened.runs) };
    summary.value = opened.data === null ? null : await ask('reload', { project: opened.id });
    say(`${opened.name} is open.`);
  });
}
