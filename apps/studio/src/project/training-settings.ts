/** How a network is trained; plain data. */
export interface TrainingSettings {
  readonly epochs: number;
  /** Images per step. */
  readonly batchSize: number;
  /** At the start; falls to 0 as a cosine. */
  readonly learningRate: number;
  /** Share of the certainty that is spread over all classes, 0 … 1. */
  readonly labelSmoothing: number;
  /** Share of the epochs in which budget and threshold are learned; then they hold still. */
  readonly learnReduction: number;
  /** Decides the initial weights and the order of images. */
  readonly seed: number;
}

/** As the command line's example trains. */
export const trainingDefaults: TrainingSettings = {
  epochs: 60,
  batchSize: 16,
  learningRate: 1.5e-2,
  labelSmoothing: 0.15,
  learnReduction: 0.5,
  seed: 1,
};

/** Factors on the learning rate: budget and threshold shall follow the network, not run ahead of it. */
export const reductionRates = { threshold: 0.1, budget: 0.05 } as const;

/** The epoch from which budget and threshold hold still, counted from 0. */
export function freezeEpoch({ epochs, learnReduction }: TrainingSettings): number {
  return Math.floor(epochs * learnReduction);
}

/** What is wrong with a field, by its name. */
export function trainingProblems(settings: TrainingSettings): Partial<Record<keyof TrainingSettings, string>> {
  const { epochs, batchSize, learningRate, labelSmoothing, learnReduction, seed } = settings;
  const whole = (value: number, least: number, most: number): string | undefined =>
    Number.isInteger(value) && value >= least && value <= most ? undefined : `a whole number from ${least} to ${most}`;
  const between = (value: number, least: number, most: number, hint: string): string | undefined =>
    value >= least && value <= most ? undefined : `a number from ${least} to ${most}, ${hint}`;
  const found = {
    epochs: whole(epochs, 1, 100_000),
    batchSize: whole(batchSize, 1, 65_536),
    learningRate: learningRate > 0 ? between(learningRate, 0, 1, 'e.g. 0.015') : 'a number above 0, e.g. 0.015',
    labelSmoothing: between(labelSmoothing, 0, 0.9, '0 for none'),
    learnReduction: between(learnReduction, 0, 1, 'e.g. 0.5 for the first half'),
    seed: whole(seed, 0, 2 ** 20),
  };
  return Object.fromEntries(Object.entries(found).filter(([, problem]) => problem !== undefined));
}
