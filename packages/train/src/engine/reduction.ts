import type { InputReduce } from '@sp/layers';
import { roundHalfEven } from '@sp/layers/kernels';
import { type Buffer, reserve } from './buffers.ts';
import type { Operation } from './operation.ts';
import { roomFor, type SiteBatch } from './site-batch.ts';
import { addSoftKeepGradient, type SoftKeep, softKeep } from './soft-keep.ts';
import type { EngineVariables } from './variables.ts';

/** The input reduction as an operation, and the selection it makes now. */
export interface Reduction extends Operation {
  /** Whether the selection has to be made anew in every step, because it is learned or its softness enters the loss. */
  readonly isLearned: boolean;
  /** Threshold and slots now. */
  selection(): { readonly threshold: number; readonly slots: number };
}

/** Compiles `inputReduce`. Its input are the lists' values, its output the features of level 0. */
export function reduction(layer: InputReduce, channels: number, variables: EngineVariables, output: Buffer): Reduction {
  const theta = variables.get(`${layer.name}/threshold`);
  const fraction = variables.get(`${layer.name}/n_frac`);
  const { learnN, learnThreshold, betaN, betaMaskedE, tauN, tauThreshold } = layer;
  const isLearned = learnN || learnThreshold || betaMaskedE !== 0;
  const gradients = { theta: new Float32Array(1), fraction: new Float32Array(1) };
  theta.gradient = learnThreshold ? gradients.theta : null;
  fraction.gradient = learnN ? gradients.fraction : null;
  theta.constraint = { kind: 'minMax', min: 0, max: Infinity };
  fraction.constraint = { kind: 'minMax', min: 1 / layer.n, max: 4 };
  const sum = { threshold: 0, n: 0 };
  let soft: SoftKeep = { active: new Float64Array(0), open: new Float64Array(0) };
  let upstream = new Float64Array(0);
  const budget = (): number => Math.fround(layer.n * fraction.values[0]);
  const settings = () => ({ n: budget(), threshold: theta.values[0], tauN, tauThreshold });
  const selection = () => ({ threshold: theta.values[0], slots: roundHalfEven(budget()) });

  function reserveSoft(count: number): void {
    if (soft.active.length >= count) return;
    soft = { active: new Float64Array(roomFor(count)), open: new Float64Array(roomFor(count)) };
  }

  /** Calls `visit` with the soft mask of every image in `soft`. */
  function eachImage(batch: SiteBatch, visit: (b: number, source: number, from: number, count: number) => void): void {
    const { base } = batch.levels[0];
    const starts = batch.lists.levels[0].start.data;
    const now = settings();
    for (let b = 0; b < batch.size; b++) {
      const count = base[b + 1] - base[b];
      const source = starts[batch.entries[b]];
      reserveSoft(count);
      softKeep(soft, batch.lists.values.data, channels, source, count, now);
      visit(b, source, base[b], count);
    }
  }

  return {
    isLearned,
    selection,
    forward(batch) {
      const level = batch.levels[0];
      const { base, on } = level;
      reserve(output, level.count * channels);
      const values = batch.lists.values.data;
      const starts = batch.lists.levels[0].start.data;
      const { threshold, slots } = selection();
      for (let b = 0; b < batch.size; b++) {
        let from = starts[batch.entries[b]] * channels;
        let kept = 0;
        for (let s = base[b]; s < base[b + 1]; s++) {
          const keep = values[from] > threshold && kept < slots;
          on[s] = keep ? 1 : 0;
          if (keep) kept++;
          for (let c = 0, to = s * channels; c < channels; c++, from++, to++)
            output.values[to] = keep ? values[from] : 0;
        }
      }
      sum.threshold = 0;
      sum.n = 0;
    },
    penalty(batch) {
      const budgetLoss = learnN ? betaN * layer.n * fraction.values[0] : 0;
      if (betaMaskedE === 0) return budgetLoss;
      const scale = betaMaskedE / batch.size;
      const scores = batch.lists.values.data;
      if (upstream.length < batch.levels[0].count) upstream = new Float64Array(roomFor(batch.levels[0].count));
      let loss = 0;
      eachImage(batch, (b, source, from, count) => {
        const entry = batch.entries[b];
        const weight = scale / (batch.lists.total.data[entry] + 1e-6);
        let dropped = batch.lists.rest.data[entry];
        for (let s = 0; s < count; s++) {
          const score = scores[(source + s) * channels];
          dropped += score * (1 - soft.active[s] * soft.open[s]);
          upstream[from + s] = -weight * score;
        }
        loss += weight * dropped;
        addSoftKeepGradient(sum, soft, upstream, from, count, settings());
      });
      return budgetLoss + loss;
    },
    backward(batch) {
      if (!learnN && !learnThreshold) return;
      const { dMask, count } = batch.levels[0];
      const values = batch.lists.values.data;
      const starts = batch.lists.levels[0].start.data;
      const { base } = batch.levels[0];
      if (count === 0) return;
      for (let b = 0; b < batch.size; b++) {
        let from = starts[batch.entries[b]] * channels;
        for (let s = base[b]; s < base[b + 1]; s++) {
          for (let c = 0, j = s * channels; c < channels; c++, j++, from++)
            dMask[s] += output.gradient[j] * values[from];
        }
      }
      const now = settings();
      eachImage(batch, (_b, _source, from, sites) => addSoftKeepGradient(sum, soft, dMask, from, sites, now));
    },
    finish() {
      gradients.theta[0] = sum.threshold;
      gradients.fraction[0] = (sum.n + (learnN ? betaN : 0)) * layer.n;
    },
  };
}
