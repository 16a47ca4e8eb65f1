import type { EventEmitter } from 'node:events';

/**
 * Lets a reader leave early (`program … | head`): the command goes on, and ends with its own exit code. Other failures are handed on.
 *
 * @param stream standard output or standard error
 */
export function allowEarlyReader(stream: EventEmitter, failed: (error: Error) => void): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') failed(error);
  });
}
