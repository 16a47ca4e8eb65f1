import { describe, expect, it } from 'vitest';
import type { Cell } from '../hdl/cell.ts';
import { expression, literal } from './expression.ts';

const wire = (name: string, width: number, signed: boolean): Cell => ({
  op: 'port',
  name,
  width,
  signed,
  ins: [],
  stage: 0,
  level: 0,
});
const cells = [wire('a', 4, true), wire('b', 4, false), wire('s', 1, false)];
const at = { name: 'y', stage: 0, level: 0 } as const;

describe('literal', () => {
  it('keeps its value in wider expressions: 4-bit 8 would be −8 once more negated', () => {
    expect(literal(-8n, true)).toBe("-5'sd8");
    expect(literal(7n, true)).toBe("4'sd7");
    expect(literal(9n, false)).toBe("4'd9");
    expect(literal(0n, true)).toBe("2'sd0");
  });
});

describe('expression', () => {
  it('makes all operands signed where one is', () => {
    const cell: Cell = { ...at, op: 'sub', shifts: [0, 3], ins: [0, 1], width: 9, signed: true };
    expect(expression(cell, cells)).toBe("a - ($signed({1'b0, b}) <<< 3)");
  });

  it('extends what is gated by its own sign', () => {
    const cell: Cell = { ...at, op: 'select', ins: [2, 0, 2, 1], width: 6, signed: true };
    expect(expression(cell, cells)).toBe("({6{s}} & {{2{a[3]}}, a}) | ({6{s}} & {2'd0, b})");
  });

  it('cuts bits beyond the top as copies of the sign', () => {
    const bits = (from: number, width: number, of: number): string =>
      expression({ ...at, op: 'bits', from, ins: [of], width, signed: false }, cells);
    expect(bits(1, 2, 0)).toBe('a[2:1]');
    expect(bits(3, 1, 0)).toBe('a[3]');
    expect(bits(2, 5, 0)).toBe('{{3{a[3]}}, a[3:2]}');
    expect(bits(6, 2, 0)).toBe('{2{a[3]}}');
    expect(bits(2, 5, 1)).toBe("{3'd0, b[3:2]}");
    expect(bits(6, 2, 1)).toBe("2'd0");
  });
});
