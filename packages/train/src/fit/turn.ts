/**
 * One turn of the event loop. Not by a frame, which takes 16 ms and in a page that is not looked at never comes; nor by a timer, which pages hold back
 * to one a second there.
 */
export function turn(): Promise<void> {
  if (typeof setImmediate === 'function') return new Promise((resolve) => setImmediate(resolve));
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
