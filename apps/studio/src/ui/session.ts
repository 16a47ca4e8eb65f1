/** What the page shows now, and what a user can do; the project itself is plain data. */
import { effect, signal } from '@preact/signals';
import { theDesk } from '../client/desk.ts';
import { newProject, type Project } from '../project/project.ts';
import { interrupted, type Run } from '../project/run.ts';
import type { DataSummary } from '../work/data-summary.ts';
import type * as deskMethods from '../work/desk.ts';
import { keep, kept } from '../work/storage.ts';

/** The steps from data to firmware. */
export const steps = [
  { id: 'data', title: 'Data' },
  { id: 'network', title: 'Network' },
  { id: 'training', title: 'Training' },
  { id: 'look', title: 'Look' },
  { id: 'firmware', title: 'Firmware' },
] as const;

/** A step. */
export type StepId = (typeof steps)[number]['id'];

export const project = signal<Project>(newProject('new'));
/** Null: no images yet. */
export const summary = signal<DataSummary | null>(null);
export const step = signal<StepId>('data');
/** Whether what was kept has been looked for. */
export const isReady = signal(false);
/** Said to screen readers, and shown below the steps. */
export const message = signal<{ readonly text: string; readonly isError: boolean } | null>(null);

/** Says how something went. */
export function say(text: string): void {
  message.value = { text, isError: false };
}

/** Says what went wrong; what was done before stays as it is. */
export function sayError(error: unknown): void {
  message.value = { text: error instanceof Error ? error.message : String(error), isError: true };
}

/** Runs something and tells if it fails. */
export async function attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    sayError(error);
    return undefined;
  }
}

type DeskMethods = typeof deskMethods;

/** Asks the desk; one that was begun anew gets the images first. */
export async function ask<Name extends keyof DeskMethods & string>(
  method: Name,
  argument: Parameters<DeskMethods[Name]>[0],
  onNote?: (value: unknown) => void,
): Promise<Awaited<ReturnType<DeskMethods[Name]>>> {
  const { desk, isNew } = theDesk();
  if (isNew && method !== 'load' && method !== 'reload') await desk.call('reload', { project: project.value.id });
  return desk.call(method, argument, onNote) as Promise<Awaited<ReturnType<DeskMethods[Name]>>>;
}

/** Changes the project; it is kept at once. */
export function change(parts: Partial<Project>): void {
  project.value = { ...project.value, ...parts };
}

/** Changes one run. */
export function changeRun(id: string, parts: Partial<Run>): void {
  change({ runs: project.value.runs.map((run) => (run.id === id ? { ...run, ...parts } : run)) });
}

/** A name for something new. */
export function newId(): string {
  return crypto.randomUUID();
}

/** Finds what was kept, and keeps what changes from now on. */
export async function beginSession(): Promise<void> {
  const show = (): void => {
    const wanted = steps.find(({ id }) => location.hash === `#${id}`);
    step.value = wanted?.id ?? 'data';
  };
  addEventListener('hashchange', show);
  show();
  await attempt(async () => {
    const found = await kept<Project>('projects', 'current');
    project.value = found === undefined ? newProject(newId()) : { ...found, runs: interrupted(found.runs) };
    if (found !== undefined && found.data !== null) summary.value = await ask('reload', { project: found.id });
  });
  isReady.value = true;
  effect(() => void keepSoon(project.value));
}

let wanted: Project | undefined;
let isKeeping = false;

/** Keeps the newest state, one after the other. */
async function keepSoon(now: Project): Promise<void> {
  wanted = now;
  if (isKeeping) return;
  isKeeping = true;
  while (wanted !== undefined) {
    const next: Project = wanted;
    wanted = undefined;
    await attempt(() => keep('projects', 'current', next));
  }
  isKeeping = false;
}
