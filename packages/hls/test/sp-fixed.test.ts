/** `sp_fixed.h` against `@sp/quant`: casts over all modes, + − ×, comparisons, shifts, conversion from double; compiled once. */
import { spawnSync } from 'node:child_process';
import { type Format, formatWidth, type OverflowMode, quantizeCode, type RoundMode, requantizeCode } from '@sp/quant';
import { OVERFLOW_MODES, ROUND_MODES } from '@sp/quant/internal';
import { generator, type Random } from '@sp/test-graphs';
import { beforeAll, describe, expect, it } from 'vitest';
import { kernelFiles } from '../src/emit/kernel-files.ts';
import { printCpp, typeOfFormat } from '../src/plan/fixed-type.ts';
import { compileProgram } from '../src/run/compile.ts';
import { temporaryFolder, writeFiles } from './support/workspace.ts';

const IN = 24; // bytes of an operand: widths below 192
const OUT = 48;
const CASTS_PER_MODE = 6;
const VALUES = 260;
const PAIRS = 60;

interface Cast {
  readonly from: Format;
  readonly to: Format;
  readonly round: RoundMode;
  readonly overflow: OverflowMode;
}

const random = generator(20240611);

function randomFormat(rng: Random, widest: number): Format {
  const k = rng.chance(0.5) ? 1 : 0;
  const width = rng.chance(0.15) ? rng.integer(1, 2) : rng.integer(1, widest);
  const i = rng.integer(-width - 4, width + 4);
  return { k, i, f: width - k - i };
}

/** Mostly narrow, sometimes at the edges of machine words, sometimes wide. */
function widest(rng: Random): number {
  return rng.pick([6, 12, 20, 31, 32, 33, 63, 64, 65, 100, 128, 130]);
}

function randomCode(rng: Random, { k, i, f }: Format): bigint {
  const bits = BigInt(i + f);
  const high = (1n << bits) - 1n;
  const low = k === 1 ? -(1n << bits) : 0n;
  const corner = rng.integer(0, 9);
  if (corner === 0) return low;
  if (corner === 1) return high;
  if (corner === 2) return k === 1 ? -1n : 0n;
  let word = 0n;
  for (let b = 0; b < 6; b++) word = (word << 32n) | BigInt(rng.integer(0, 0xffffffff));
  // Few significant bits make ties, so that rounding modes differ.
  if (rng.chance(0.4)) word <<= BigInt(rng.integer(0, Number(bits) + 1));
  return low + (word % (high - low + 1n));
}

const cpp = (format: Format) => printCpp(typeOfFormat(format));

const casts: Cast[] = ROUND_MODES.flatMap((round) =>
  OVERFLOW_MODES.flatMap((overflow) =>
    Array.from({ length: CASTS_PER_MODE }, () => {
      const from = randomFormat(random, widest(random));
      // Near the source half of the time, so that a few bits are rounded and overflow happens.
      const near = {
        k: random.chance(0.5) ? 1 : 0,
        i: from.i + random.integer(-3, 1),
        f: from.f + random.integer(-6, 2),
      } as const;
      const to = random.chance(0.7) && formatWidth(near) > 0 ? near : randomFormat(random, widest(random));
      return { from, to, round, overflow };
    }),
  ),
);
const pairs = Array.from(
  { length: PAIRS },
  () => [randomFormat(random, widest(random)), randomFormat(random, widest(random))] as const,
);
const doubles = casts.filter((_, j) => j % 3 === 0);

function program(): string {
  const function_ = (name: string, body: string[]) => [
    `static void ${name}() {`,
    ...body.map((line) => `  ${line}`),
    '}',
  ];
  const lines: string[] = [];
  casts.forEach(({ from, to, round, overflow }, j) => {
    lines.push(
      ...function_(`cast${j}`, [
        `each<${cpp(from)}>([](auto a) { put(${printCpp(typeOfFormat(to), round, overflow)}(a)); });`,
      ]),
    );
  });
  pairs.forEach(([a, b], j) => {
    lines.push(...function_(`pair${j}`, [`both<${cpp(a)}, ${cpp(b)}>();`]));
  });
  doubles.forEach(({ to, round, overflow }, j) => {
    lines.push(
      ...function_(`real${j}`, [`reals([](double x) { put(${printCpp(typeOfFormat(to), round, overflow)}(x)); });`]),
    );
  });
  return `
#include "sp_bridge.h"
static const int VALUES = ${VALUES};
static unsigned char word[${OUT}];
static void get() { if (std::fread(word, 1, ${IN}, stdin) != ${IN}) std::abort(); }
template <class T> static T take() { get(); return sp::bridge::decode<${IN}, T>(word); }
template <class T> static void put(const T &x) {
  sp::bridge::encode<${OUT}>(x, word);
  std::fwrite(word, 1, ${OUT}, stdout);
}
template <class T, class F> static void each(F f) { for (int j = 0; j < VALUES; ++j) f(take<T>()); }
template <class F> static void reals(F f) {
  for (int j = 0; j < VALUES; ++j) {
    double x;
    if (std::fread(&x, 8, 1, stdin) != 1) std::abort();
    f(x);
  }
}
template <class A, class B> static void both() {
  for (int j = 0; j < VALUES; ++j) {
    const A a = take<A>();
    const B b = take<B>();
    put(a + b); put(a - b); put(a * b); put(-a);
    put(ap_uint<6>((a == b) + 2 * (a != b) + 4 * (a < b) + 8 * (a <= b) + 16 * (a > b) + 32 * (a >= b)));
    put(a << (j % 7)); put(b >> (j % 7));
    put(ap_int<32>(a.to_int()));
  }
}
${lines.join('\n')}
int main() {
  ${casts.map((_, j) => `cast${j}();`).join(' ')}
  ${pairs.map((_, j) => `pair${j}();`).join(' ')}
  ${doubles.map((_, j) => `real${j}();`).join(' ')}
}
`;
}

function limbs(code: bigint): Buffer {
  const bytes = Buffer.alloc(IN);
  for (let b = 0; b < IN; b += 8) bytes.writeBigInt64LE(BigInt.asIntN(64, code >> BigInt(8 * b)), b);
  return bytes;
}

function wrap({ k, i, f }: Format, code: bigint): bigint {
  const width = k + i + f;
  return k === 1 ? BigInt.asIntN(width, code) : BigInt.asUintN(width, code);
}

function randomDouble(rng: Random, { i, f }: Format): number {
  const scale = 2 ** rng.integer(-f - 3, i + 2);
  return rng.chance(0.05) ? 0 : (rng.next() - 0.5) * 2 * scale + (rng.chance(0.5) ? 0 : scale);
}

describe('sp_fixed.h computes what @sp/quant computes', () => {
  const operands: Buffer[] = [];
  const expected: { what: string; code: bigint }[] = [];
  let answers = Buffer.alloc(0);

  beforeAll(async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, [
      ...[...kernelFiles(['sp_bridge.h'])].map(([name, text]) => [`firmware/sp/${name}`, text] as const),
      ['arithmetic.cpp', `#include <cstdlib>\n${program()}`],
    ]);
    const built = await compileProgram(folder, 'arithmetic', { flags: ['-O0', '-Werror'] });

    for (const { from, to, round, overflow } of casts) {
      for (let v = 0; v < VALUES; v++) {
        const code = randomCode(random, from);
        operands.push(limbs(code));
        expected.push({
          what: `${cpp(from)} code ${code} to ${printCpp(typeOfFormat(to), round, overflow)}`,
          code: requantizeCode(code, from.f, to, round, overflow),
        });
      }
    }
    for (const [a, b] of pairs) {
      for (let v = 0; v < VALUES; v++) {
        const x = randomCode(random, a);
        // Equal values now and then, for the comparisons.
        const same = x << BigInt(Math.max(0, b.f - a.f));
        const y = v % 5 === 0 && a.f <= b.f && wrap(b, same) === same ? same : randomCode(random, b);
        operands.push(limbs(x), limbs(y));
        const f = Math.max(a.f, b.f);
        const p = x << BigInt(f - a.f);
        const q = y << BigInt(f - b.f);
        const order =
          Number(p === q) +
          2 * Number(p !== q) +
          4 * Number(p < q) +
          8 * Number(p <= q) +
          16 * Number(p > q) +
          32 * Number(p >= q);
        const n = BigInt(v % 7);
        const whole = a.f > 0 ? x / (1n << BigInt(a.f)) : x << BigInt(-a.f);
        const say = (op: string) => `${cpp(a)} ${x} ${op} ${cpp(b)} ${y}`;
        const results: [string, bigint][] = [
          ['+', p + q],
          ['-', p - q],
          ['*', x * y],
          ['negate', -x],
          ['compare', BigInt(order)],
          [`<< ${n}`, wrap(a, x << n)],
          [`>> ${n}`, y >> n],
          ['to_int', BigInt.asIntN(32, whole)],
        ];
        for (const [op, code] of results) expected.push({ what: say(op), code });
      }
    }
    for (const { to, round, overflow } of doubles) {
      for (let v = 0; v < VALUES; v++) {
        const x = randomDouble(random, to);
        const bytes = Buffer.alloc(8);
        bytes.writeDoubleLE(x);
        operands.push(bytes);
        expected.push({
          what: `${x} to ${printCpp(typeOfFormat(to), round, overflow)}`,
          code: quantizeCode(x, to, round, overflow),
        });
      }
    }
    const result = spawnSync(built.executable, { input: Buffer.concat(operands), maxBuffer: 1 << 28 });
    expect(result.status).toBe(0);
    answers = result.stdout;
  });

  it('on at least 100,000 random operations, among them every pair of rounding and overflow modes', () => {
    expect(expected.length).toBeGreaterThan(100_000);
    expect(answers.length).toBe(expected.length * OUT);
    const wrong: string[] = [];
    expected.forEach(({ what, code }, j) => {
      let answer = answers.readBigInt64LE(j * OUT + OUT - 8);
      for (let b = OUT - 16; b >= 0; b -= 8) answer = (answer << 64n) | answers.readBigUInt64LE(j * OUT + b);
      if (answer !== code) wrong.push(`${what}: ${answer} instead of ${code}`);
    });
    expect(wrong.slice(0, 10)).toEqual([]);
    expect(wrong.length).toBe(0);
  });
});
