import type { Cell } from '../hdl/cell.ts';
import { wireType } from '../hdl/range.ts';

/** `[7:0] `, or nothing for a single bit. */
export function bounds(width: number): string {
  return width === 1 ? '' : `[${width - 1}:0] `;
}

/** A number as a Verilog literal that keeps its value in any wider expression. */
export function literal(value: bigint, signed: boolean): string {
  const { width } = wireType({ lo: value, hi: value });
  if (!signed) return `${width}'d${value}`;
  // One bit more, since −8 is 8 negated, and 8 must not be −8 itself.
  return value < 0n ? `-${width + 1}'sd${-value}` : `${width + 1}'sd${value}`;
}

/** Bits of a value as an unsigned literal of a wire's width. */
export function word(value: bigint, width: number): string {
  return `${width}'h${BigInt.asUintN(width, value).toString(16)}`;
}

/**
 * What drives a cell, as a Verilog expression.
 *
 * Verilog extends operands to the width of the result before it computes, by their sign if all operands are signed and by zeros otherwise.
 * So where one operand is signed, the others are made so.
 */
export function expression(cell: Cell, cells: readonly Cell[]): string {
  const ins = cell.ins.map((at) => cells[at]);
  const signed = ins.some((x) => (x.op === 'const' ? x.value < 0n : x.signed));
  const operand = (x: Cell): string => {
    if (x.op === 'const') return literal(x.value, signed);
    return signed && !x.signed ? `$signed({1'b0, ${x.name}})` : x.name;
  };
  const shifted = (x: Cell, by: number): string => (by === 0 ? operand(x) : `(${operand(x)} <<< ${by})`);
  switch (cell.op) {
    case 'const':
      return word(cell.value, cell.width);
    case 'add':
    case 'sub':
      return `${shifted(ins[0], cell.shifts[0])} ${cell.op === 'add' ? '+' : '-'} ${shifted(ins[1], cell.shifts[1])}`;
    case 'mul':
      return `${operand(ins[0])} * ${operand(ins[1])}`;
    case 'shl':
      return shifted(ins[0], cell.by);
    case 'bits':
      return slice(ins[0], cell.from, cell.width);
    case 'cat':
      return `{${ins.map((x) => (x.op === 'const' ? word(x.value, x.width) : x.name)).join(', ')}}`;
    case 'and':
      return ins.map((x) => extended(x, cell.width)).join(' & ');
    case 'or':
      return ins.map((x) => extended(x, cell.width)).join(' | ');
    case 'xor':
      return ins.map((x) => extended(x, cell.width)).join(' ^ ');
    case 'not':
      return `~${extended(ins[0], cell.width)}`;
    case 'any':
      return ins.length === 1 ? `|${ins[0].name}` : `(|${ins[0].name}) & ${ins[1].name}`;
    case 'select':
      return pairs(ins)
        .map(([bit, value]) => gated(bit, value, cell.width))
        .join(' | ');
    case 'mux':
      return choice(ins, cell.width);
    case 'eq':
      return `${operand(ins[0])} == ${operand(ins[1])}`;
    case 'lt':
      return `${operand(ins[0])} < ${operand(ins[1])}`;
    default:
      throw new TypeError(`a cell of kind ${cell.op} is no expression`);
  }
}

/** Exactly `width` bits of a wire that has at most as many, or more. */
export function extended(x: Cell, width: number): string {
  if (x.op === 'const') return word(x.value, width);
  return slice(x, 0, width);
}

function slice(x: Cell, from: number, width: number): string {
  const top = from + width - 1;
  const last = x.width - 1;
  if (from === 0 && top === last) return x.name;
  if (top <= last) return width === 1 ? `${x.name}[${from}]` : `${x.name}[${top}:${from}]`;
  const sign = x.width === 1 ? x.name : `${x.name}[${last}]`;
  const fill = x.signed ? `{${Math.min(width, top - last)}{${sign}}}` : `${Math.min(width, top - last)}'d0`;
  if (from > last) return x.signed ? fill : `${width}'d0`;
  return `{${fill}, ${slice(x, from, x.width - from)}}`;
}

function gated(bit: Cell, value: Cell, width: number): string {
  if (bit.op === 'const') return bit.value === 0n ? word(0n, width) : extended(value, width);
  return width === 1
    ? `(${bit.name} & ${extended(value, 1)})`
    : `({${width}{${bit.name}}} & ${extended(value, width)})`;
}

function choice([bit, a, b]: readonly Cell[], width: number): string {
  return `${bit.name} ? ${extended(a, width)} : ${extended(b, width)}`;
}

function pairs(ins: readonly Cell[]): (readonly [Cell, Cell])[] {
  return Array.from({ length: ins.length / 2 }, (_, j) => [ins[2 * j], ins[2 * j + 1]] as const);
}
