/** Makes a function that is busy with one call at a time; of the calls that come meanwhile only the newest is made. */
export function latestOnly<Argument>(work: (argument: Argument) => Promise<void>): (argument: Argument) => void {
  let next: { readonly argument: Argument } | undefined;
  let isBusy = false;
  return async (argument) => {
    next = { argument };
    if (isBusy) return;
    isBusy = true;
    while (next !== undefined) {
      const now: { readonly argument: Argument } = next;
      next = undefined;
      await work(now.argument);
    }
    isBusy = false;
  };
}
