import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import { allowEarlyReader } from './early-reader.ts';

it('allowEarlyReader minds a full disk, but no reader that has left', () => {
  const stream = new EventEmitter();
  const failed = vi.fn();
  allowEarlyReader(stream, failed);
  stream.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(failed).not.toHaveBeenCalled();
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
  stream.emit('error', full);
  expect(failed).toHaveBeenCalledWith(full);
});
