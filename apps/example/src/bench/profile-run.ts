import { Session } from 'node:inspector/promises';

/** A function on the stack: its name and the file it is in. */
export interface Frame {
  readonly name: string;
  readonly file: string;
}

/** Milliseconds of this thread per part, as `partOf` names them. */
export type Profile = ReadonlyMap<string, number>;

/**
 * Runs something under V8's sampling profiler and adds the samples up by part of the work.
 *
 * @param partOf names the part of a stack, outermost frame first; the innermost is where the time went
 */
export async function profileRun(
  run: () => Promise<unknown>,
  partOf: (stack: readonly Frame[]) => string,
): Promise<Profile> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 100 });
    await session.post('Profiler.start');
    await run();
    const { profile } = await session.post('Profiler.stop');
    const { nodes, samples = [], timeDeltas = [] } = profile;
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
    const parts = new Map<number, string>();
    const part = (id: number): string => {
      const known = parts.get(id);
      if (known !== undefined) return known;
      const stack: Frame[] = [];
      for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
        const frame = byId.get(at)?.callFrame;
        if (frame !== undefined) stack.unshift({ name: frame.functionName, file: frame.url });
      }
      const name = partOf(stack);
      parts.set(id, name);
      return name;
    };
    const sums = new Map<string, number>();
    const profiler = new Set(nodes.filter(({ callFrame }) => callFrame.url === 'node:inspector').map(({ id }) => id));
    for (const [index, id] of samples.entries()) {
      if (profiler.has(id)) continue;
      const name = part(id);
      sums.set(name, (sums.get(name) ?? 0) + timeDeltas[index] / 1000);
    }
    return sums;
  } finally {
    session.disconnect();
  }
}
