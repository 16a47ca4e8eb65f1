/**
 * Starts something that is compiled by Emscripten without the listeners that its glue leaves on the process: they throw every uncaught error again
 * from a file that is one line of 40 kB, which Node prints in front of the user's own stack.
 */
export async function withoutRethrowing<T>(start: () => Promise<T>): Promise<T> {
  const { process } = globalThis;
  // Browsers have no process, bundlers' stand-ins no listeners.
  if (typeof process?.listeners !== 'function') return start();
  const before = new Map(events.map((event) => [event, new Set(process.rawListeners(event))]));
  try {
    return await start();
  } finally {
    for (const event of events) {
      for (const listener of process.rawListeners(event)) {
        if (before.get(event)?.has(listener) !== true && isEmscripten(listener))
          process.off(event, listener as () => void);
      }
    }
  }
}

const events = ['uncaughtException', 'unhandledRejection'] as const;

/** Somebody else may have added a listener meanwhile: told by what they say. */
function isEmscripten(listener: unknown): boolean {
  const source = String(listener).replace(/\s+/g, '');
  return source.includes('instanceofExitStatus') || /^function\w*\((\w+)\)\{throw\1;?\}$/.test(source);
}
