import { describe, expect, it } from 'vitest';
import { broadcastExpression, placeExpression, placeFunction } from './index-expression.ts';

/** The value of a C++ integer expression of `j`. */
function evaluate(expression: string, j: number): number {
  const text = expression.replaceAll(/(\bj\b) \/ (\d+)/g, 'Math.floor(j / $2)');
  return new Function('j', `return ${text}`)(j) as number;
}

describe('broadcastExpression', () => {
  it('is short where it can be', () => {
    expect(broadcastExpression('j', [2, 3], [2, 3])).toBe('j');
    expect(broadcastExpression('j', [1, 3], [2, 3])).toBe('j % 3');
    expect(broadcastExpression('j', [2, 1], [2, 3])).toBe('j / 3');
    expect(broadcastExpression('j', [1, 1], [2, 3])).toBe('0');
  });

  it('is right for every shape', () => {
    const to = [2, 3, 4];
    for (let mask = 0; mask < 8; mask++) {
      const from = to.map((size, d) => ((mask >> d) & 1 ? size : 1));
      const expression = broadcastExpression('j', from, to);
      for (let j = 0; j < 24; j++) {
        const position = [Math.floor(j / 12), Math.floor(j / 4) % 3, j % 4].map((at, d) => (from[d] === 1 ? 0 : at));
        expect(evaluate(expression, j)).toBe((position[0] * from[1] + position[1]) * from[2] + position[2]);
      }
    }
  });
});

describe('placeExpression', () => {
  it('transposes', () => {
    const expression = placeExpression('j', [3, 2], [1, 3]);
    expect(Array.from({ length: 6 }, (_, j) => evaluate(expression, j))).toEqual([0, 3, 1, 4, 2, 5]);
  });
});

describe('placeFunction', () => {
  it('leaves out the name of a parameter that is not used', () => {
    expect(placeFunction('left', 'j', '0')).toBe('  static int left(int) { return 0; }');
    expect(placeFunction('left', 'j', 'j % 3')).toBe('  static int left(int j) { return j % 3; }');
  });
});
