// What a thread of the training engine does: it makes the calls of kernels that the main thread notes in their shared memory
// (src/engine/memory/start-threads.ts).
const [started, done, address, length, beats] = [0, 1, 2, 3, 4];

/** Serves for ever. `control` and what the numbers in it mean are the main thread's. */
export function serve({ module, memory, control, names }) {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = names.map((name) => exports[name]);

  // Signs of life: one when it waits for work, one after every kernel.
  Atomics.add(control, beats, 1);

  for (let job = 1; ; job++) {
    while (Atomics.load(control, started) < job) Atomics.wait(control, started, job - 1);
    try {
      const calls = new Float64Array(memory.buffer, control[address], control[length]);
      for (let at = 0; at < calls.length; at += 2 + calls[at + 1]) {
        kernels[calls[at]](...calls.subarray(at + 2, at + 2 + calls[at + 1]));
        Atomics.add(control, beats, 1);
      }
      Atomics.store(control, done, job);
    } catch (error) {
      Atomics.store(control, done, -1);
      throw error;
    } finally {
      Atomics.notify(control, done);
    }
  }
}
