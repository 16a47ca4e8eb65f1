import { codeRange, expandFormats, type Format } from '@sp/quant';
import type { Value } from '@sp/quant/internal';
import { codeShifts } from '../emit/port-codes.ts';
import type { ProjectNode } from '../emit/project.ts';
import { CompileError } from '../errors.ts';

/**
 * How strictly an answer is read. `'formats'`: every code is one of its element's format. `'types'`: of the node's C++ type,
 * which may be wider, as it holds all elements; what a wrong kernel computes passes, for `compare` to count.
 */
export type AnswerCheck = 'formats' | 'types';

/**
 * Refuses values that the network cannot have computed: codes out of range, places outside the image.
 *
 * @throws CompileError naming node, image, element, value and range
 */
export function checkAnswer(node: ProjectNode, value: Value, check: AnswerCheck): void {
  const list = value.kind === 'list';
  const { lows, highs } = limitsOf(node, list, check);
  const { codes, batch } = value;
  const perImage = codes.length / batch;
  const period = lows.length;
  for (let j = 0, element = 0; j < codes.length; j++) {
    const code = codes[j];
    const fits = code >= lows[element] && code <= highs[element];
    if (!fits || (check === 'formats' && typeof code === 'number' && !Number.isInteger(code))) {
      const [low, high] = [lows[element], highs[element]];
      refuse(node, Math.floor(j / perImage), `element ${j % perImage} is ${code}, outside ${low} … ${high}`);
    }
    if (++element === period) element = 0;
  }
  if (value.kind !== 'list') return;
  const { valid, rows, cols, slots, shape } = value;
  for (let s = 0; s < valid.length; s++) {
    const inside = rows[s] >= 0 && rows[s] < shape[0] && cols[s] >= 0 && cols[s] < shape[1];
    if (inside && valid[s] <= 1) continue;
    // The coordinates' types hold the next power of two: a wrong kernel may leave the image.
    if (check === 'types' && valid[s] <= 1 && rows[s] >= 0 && cols[s] >= 0) continue;
    const what = `slot ${s % slots} (valid ${valid[s]}) is at (${rows[s]}, ${cols[s]})`;
    refuse(node, Math.floor(s / slots), `${what}, outside an image of ${shape[0]}×${shape[1]}`);
  }
}

type Bounds = Float64Array | bigint[];

/** Smallest and largest code of each element of an image (of a list: of each channel), in the type the codes have. */
function limitsOf(node: ProjectNode, list: boolean, check: AnswerCheck): { lows: Bounds; highs: Bounds } {
  const { format, shape, type } = node;
  const { k, i, f } = expandFormats(format, list ? [1, 1, shape[2]] : shape);
  const shifts = codeShifts(format, shape, type, list);
  const whole: Format = { k: type.signed ? 1 : 0, i: type.int - (type.signed ? 1 : 0), f: type.width - type.int };
  const cache = new Map<string, { lo: bigint; hi: bigint }>();
  const ranges = Array.from(k, (sign, j) => {
    const key = check === 'formats' ? `${sign},${i[j]},${f[j]}` : `${shifts[j]}`;
    let range = cache.get(key);
    if (range === undefined) {
      range =
        check === 'formats' ? codeRange({ k: sign as 0 | 1, i: i[j], f: f[j] }) : shifted(codeRange(whole), shifts[j]);
      cache.set(key, range);
    }
    return range;
  });
  const wide = format.i.some((bits, j) => bits + format.f[j] > 52);
  const bounds = (of: (range: { lo: bigint; hi: bigint }) => bigint): Bounds =>
    wide ? ranges.map(of) : Float64Array.from(ranges, (range) => Number(of(range)));
  return { lows: bounds(({ lo }) => lo), highs: bounds(({ hi }) => hi) };
}

function shifted({ lo, hi }: { lo: bigint; hi: bigint }, shift: number): { lo: bigint; hi: bigint } {
  // A code may have a fraction here: up to the next whole one.
  return { lo: lo >> BigInt(shift), hi: (hi >> BigInt(shift)) + 1n };
}

function refuse(node: ProjectNode, image: number, problem: string): never {
  throw new CompileError(
    `the compiled program answered for node "${node.name}", image ${image}: ${problem}; compile the project again, and compare() it`,
    '',
    'answer',
  );
}
