import { describe, expect, it } from 'vitest';
import { comment } from './comment.ts';

describe('comment', () => {
  it('keeps ordinary text and the drawing of the network as they are', () => {
    expect(['conv1: relu', '    |  é 日本', ''].map(comment)).toEqual(['// conv1: relu', '//     |  é 日本', '//']);
  });

  it.each(['\n', '\r\n', '\r', '\v', '\f', '\0', '\u0085', '\u2028', '\u2029', '\u202e', '\ud800'])(
    'stays one line with %j',
    (end) => {
      expect(comment(`a${end}int b;`)).toBe('// a int b;');
    },
  );

  it.each(['a \\', 'a ??/', 'a \\ \n', 'a \\\t'])('does not take in the line after %j', (text) => {
    expect(comment(text)).toMatch(/^\/\/ a (\\|\?\?\/) \.$/);
  });
});
