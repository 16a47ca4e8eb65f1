/** One non-zero digit of a number: `sign · 2^shift`. */
export interface SignedDigit {
  readonly shift: number;
  readonly sign: 1 | -1;
}

/**
 * Canonical signed digits of a safe integer: no two neighbouring digits are non-zero, and none has fewer of them. Lowest first.
 *
 * @example signedDigits(7) // [{ shift: 0, sign: -1 }, { shift: 3, sign: 1 }]
 */
export function signedDigits(value: number): SignedDigit[] {
  const digits: SignedDigit[] = [];
  let rest = value;
  for (let shift = 0; rest !== 0; shift++, rest /= 2) {
    if (rest % 2 === 0) continue;
    // 3 mod 4 is better written as −1 with a carry.
    const sign = ((rest % 4) + 4) % 4 === 3 ? -1 : 1;
    digits.push({ shift, sign });
    rest -= sign;
  }
  return digits;
}
