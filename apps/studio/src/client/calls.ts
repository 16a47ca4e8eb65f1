/** Calls of functions in a worker: plain data there and back, notes on the way. */

/** A call on its way to a worker. */
export interface Call {
  readonly id: number;
  readonly method: string;
  readonly argument: unknown;
}

/** What comes back: notes while it runs, then one result or error; and once, unasked, the name of a lock that the worker holds as long as it lives. */
export type Answer =
  | { readonly id: 0; readonly kind: 'lives'; readonly value: string }
  | { readonly id: number; readonly kind: 'note'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'result'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'error'; readonly name: string; readonly message: string };

/** A function that a worker offers, whatever it takes: callers see its own types. */
export type Method = (argument: never, note: (value: unknown) => void) => unknown;

/** Functions that a worker offers, by name. */
export type Methods = Readonly<Record<string, Method>>;

/** What a method takes. */
type ArgumentOf<M extends Method> = Parameters<M>[0];

/** What a method gives back. */
type ResultOf<M extends Method> = Awaited<ReturnType<M>>;

/** A worker as the page sees it. */
export interface Calls<M extends Methods> {
  call<Name extends keyof M & string>(
    method: Name,
    argument: ArgumentOf<M[Name]>,
    onNote?: (value: unknown) => void,
  ): Promise<ResultOf<M[Name]>>;
  /** Ends the worker; what is under way comes to nothing. */
  end(): void;
}

/** An error that came out of a worker, with the name that it had there. */
export class WorkerCallError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** Makes the functions of a worker callable. When the worker dies, all that is under way fails with a sentence that says so. */
export function callsOf<M extends Methods>(worker: Worker, onDeath: () => void = () => {}): Calls<M> {
  const pending = new Map<
    number,
    {
      readonly resolve: (value: unknown) => void;
      readonly reject: (error: Error) => void;
      readonly onNote: ((value: unknown) => void) | undefined;
    }
  >();
  let last = 0;
  let death: Error | undefined;
  const fail = (error: Error): void => {
    if (death !== undefined) return;
    death = error;
    onDeath();
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  const died = (why: string): void => {
    fail(
      new WorkerCallError(
        'WorkerDied',
        `The worker has ended${why}. Nothing that was kept is lost; try again, or reload the page.`,
      ),
    );
    // After an error of its own it may run on, and write where another one does.
    worker.terminate();
  };
  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
    // No event tells that a worker is gone; its lock is free then.
    if (data.kind === 'lives') return void navigator.locks.request(data.value, () => died(''));
    const call = pending.get(data.id);
    if (call === undefined) return;
    if (data.kind === 'note') return call.onNote?.(data.value);
    pending.delete(data.id);
    if (data.kind === 'result') call.resolve(data.value);
    else call.reject(new WorkerCallError(data.name, data.message));
  });
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    died(event.message ? ` (${event.message})` : '');
  });
  return {
    call(method, argument, onNote) {
      if (death !== undefined) return Promise.reject(death);
      const id = ++last;
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve: resolve as (value: unknown) => void, reject, onNote });
        try {
          worker.postMessage({ id, method, argument } satisfies Call);
        } catch (error) {
          pending.delete(id);
          reject(error as Error);
        }
      });
    },
    end() {
      worker.terminate();
      fail(new WorkerCallError('WorkerEnded', 'The worker was ended.'));
    },
  };
}

/** The other end, in the worker. */
export function serveCalls(
  methods: Methods,
  scope: { onmessage: ((event: MessageEvent<Call>) => void) | null; postMessage(answer: Answer): void },
): void {
  const life = `sp-studio-worker-${Math.random()}`;
  // Pages of hosts without TLS have no locks.
  navigator.locks?.request(life, () => {
    scope.postMessage({ id: 0, kind: 'lives', value: life });
    return new Promise(() => {});
  });
  scope.onmessage = async ({ data: { id, method, argument } }) => {
    try {
      const value = await methods[method](argument as never, (value) => scope.postMessage({ id, kind: 'note', value }));
      scope.postMessage({ id, kind: 'result', value });
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
      scope.postMessage({ id, kind: 'error', name, message });
    }
  };
}
