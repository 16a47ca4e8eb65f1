/**
 * 32 bits of the numbers `from … from + count − 1`, to tell whether they have changed. A change of one number always shows, any other one but for
 * one in 2³² does. Four chains that do not wait for each other make it about as fast as reading the numbers.
 *
 * @param words the numbers' bits, e.g. of a `Float32Array`
 */
export function fingerprint(words: Int32Array, from: number, count: number): number {
  const end = from + count;
  const whole = end - (count % 4);
  let [a, b, c, d] = [1, 2, 3, 4];
  for (let j = from; j < whole; j += 4) {
    a = mix(a, words[j]);
    b = mix(b, words[j + 1]);
    c = mix(c, words[j + 2]);
    d = mix(d, words[j + 3]);
  }
  for (let j = whole; j < end; j++) a = mix(a, words[j]);
  return mix(mix(mix(a, b), c), d);
}

/** One-to-one in either argument. Products carry bits up only, and most pixels differ in their upper bits: so the sum is turned. */
function mix(sum: number, word: number): number {
  return Math.imul(((sum << 13) | (sum >>> 19)) ^ word, 0x9e3779b1);
}
