/** What a callback that remembers knows of the epochs that it has seen. */
export interface SeenEpochs {
  /** Notes an epoch that begins. Whether it has been before: then it is one of another training. */
  begin(epoch: number): boolean;
  /** For `restore`: epochs behind a checkpoint may come again. */
  forget(): void;
}

/**
 * Tells a callback where another training begins: it has to forget the first one, which was of other weights or data. Epochs that go on from where a
 * training ended (`initialEpoch`) belong to it.
 */
export function seenEpochs(): SeenEpochs {
  let last: number | undefined;
  return {
    begin(epoch) {
      const before = last;
      last = epoch;
      return before !== undefined && epoch <= before;
    },
    forget() {
      last = undefined;
    },
  };
}
