/** When quantisation noise sets in, in steps or epochs. */
export interface QNoiseSchedule {
  readonly start: number;
  readonly finish: number;
  /** Default 3. */
  readonly exponent?: number;
}

/**
 * QKeras' `QNoiseScheduler`: the part of the quantisation error at a step (`qnoise_factor` of quantizers). 0 before `start`, 1
 * from `finish` on, between them `1 − ((finish − t)/(finish − start))^exponent` (hgq1 §5.3).
 *
 * @throws RangeError unless `start` ≤ `finish`
 */
export function qnoiseAt(step: number, { start, finish, exponent = 3 }: QNoiseSchedule): number {
  if (!(start <= finish))
    throw new RangeError(`qnoiseAt: start = ${start}, finish = ${finish}; expected start ≤ finish.`);
  if (step < start) return 0;
  return step >= finish ? 1 : 1 - ((finish - step) / (finish - start)) ** exponent;
}

/** How much a search values smaller models. */
export interface ForgivingOptions {
  /** Percent of accuracy a model may lose for being smaller by `rate`. Default 8. */
  readonly deltaP?: number;
  /** Percent a model has to gain for being larger. Default 8. */
  readonly deltaN?: number;
  /** Default 2. */
  readonly rate?: number;
}

/**
 * AutoQKeras' forgiving factor: what the metric of a trial is raised by, as a share, for its size (or energy) against the
 * reference: `δ/100 · log(reference/trial)/log(rate)` (hgq1 §5.3).
 *
 * @throws RangeError unless both sizes are positive
 */
export function forgivingFactor(reference: number, trial: number, options: ForgivingOptions = {}): number {
  const { deltaP = 8, deltaN = 8, rate = 2 } = options;
  if (!(reference > 0 && trial > 0 && rate > 1)) {
    throw new RangeError(
      `forgivingFactor: reference = ${reference}, trial = ${trial}, rate = ${rate}; expected sizes > 0, a rate > 1.`,
    );
  }
  return ((trial < reference ? deltaP : deltaN) / 100) * (Math.log(reference / trial) / Math.log(rate));
}
