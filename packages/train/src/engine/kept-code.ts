/** How many engines that have ended are remembered: trainings in turns may be of networks with other kinds of layers. */
const MOST = 3;

const kept: object[] = [];

/**
 * Remembers an engine that has ended, so that the next one starts fast: V8 throws compiled code away with the last closure that has it, and whoever trains many
 * networks one after the other (a study, five seeds, an application that stays open) would have the same functions compiled again in every training. The
 * engine's memory is gone by then; what is kept is its closures and the optimizer's state.
 */
export function keepCode(ended: object): void {
  kept.push(ended);
  if (kept.length > MOST) kept.shift();
}
