import type * as deskMethods from '../work/desk.ts';
import type * as trainerMethods from '../work/trainer.ts';
import { type Calls, callsOf } from './calls.ts';

/** The worker that holds the images and the network that is looked at. */
export type Desk = Calls<typeof deskMethods>;

/** A worker that trains one run. */
export type Trainer = Calls<typeof trainerMethods>;

function newWorker(): Worker {
  return new Worker(new URL('../work/worker.ts', import.meta.url), { type: 'module' });
}

let desk: Desk | undefined;
let begun = 0;

/** The desk; begun when first asked for, and again after it has died: then it is new and empty. */
export function theDesk(): { readonly desk: Desk; readonly isNew: boolean } {
  if (desk !== undefined) return { desk, isNew: false };
  desk = callsOf<typeof deskMethods>(newWorker(), () => {
    desk = undefined;
  });
  return { desk, isNew: begun++ > 0 };
}

/** A worker for one training. */
export function newTrainer(): Trainer {
  return callsOf<typeof trainerMethods>(newWorker());
}
