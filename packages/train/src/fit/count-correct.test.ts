import { describe, expect, it } from 'vitest';
import { countCorrect } from './count-correct.ts';

describe('countCorrect', () => {
  it('takes the first largest output, or the sign of a single logit', () => {
    expect(countCorrect(Float32Array.of(1, 1, 0, 2), 2, Int32Array.of(0, 1))).toBe(2);
    expect(countCorrect(Float32Array.of(0.1, -0.1, 0), 1, Int32Array.of(1, 1, 0))).toBe(2);
  });

  it('reads probabilities by halves and labels by nearness', () => {
    const outputs = Float32Array.of(0.4, 0.5, 0.6);
    expect(countCorrect(outputs, 1, Int32Array.of(0, 0, 1), { oneOutput: 'probability' })).toBe(3);
    expect(countCorrect(outputs, 1, Int32Array.of(0, 0, 1), { oneOutput: 'label' })).toBe(3);
    const labels = Float32Array.of(-3, 0.6, 1.4, 1.5, 2.6, 9, Number.NaN);
    const wanted = Int32Array.of(0, 1, 1, 1, 2, 2, 0);
    expect(countCorrect(labels, 1, wanted, { oneOutput: 'label', classes: 3 })).toBe(6);
    expect(() => countCorrect(labels, 1, wanted, { oneOutput: 'code' as 'label' })).toThrow("oneOutput 'code'");
  });
});
