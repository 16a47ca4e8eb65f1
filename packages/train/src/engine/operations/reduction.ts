import type { InputReduce } from '@sp/layers';
import { roundHalfEven } from '@sp/quant/numeric';
import { type Buffer, reserve } from '../batch/buffer.ts';
import { mostParts } from '../batch/part.ts';
import type { SiteBatch } from '../batch/site-batch.ts';
import type { Memory } from '../memory/memory.ts';
import { floats, reals } from '../memory/room.ts';
import type { EngineVariables } from '../variables.ts';
import type { Operation } from './operation.ts';

/** The input reduction as an operation, and the selection it makes now. */
export interface Reduction extends Operation {
  /** Whether the selection has to be made anew in every step, because it is learned or its softness enters the loss. */
  readonly isLearned: boolean;
  /** Threshold and slots now. */
  selection(): { readonly threshold: number; readonly slots: number };
}

/** Compiles `inputReduce`. Its input are the lists' values, its output the features of level 0. */
export function reduction(
  layer: InputReduce,
  channels: number,
  variables: EngineVariables,
  output: Buffer,
  memory: Memory,
): Reduction {
  const theta = variables.get(`${layer.name}/threshold`);
  const fraction = variables.get(`${layer.name}/n_frac`);
  const { learnN, learnThreshold, betaN, betaMaskedE, tauN, tauThreshold } = layer;
  const isLearned = learnN || learnThreshold || betaMaskedE !== 0;
  if (learnThreshold) theta.gradient = floats(memory, 1);
  if (learnN) fraction.gradient = floats(memory, 1);
  theta.constraint = { kind: 'minMax', min: 0, max: Infinity };
  fraction.constraint = { kind: 'minMax', min: 1 / layer.n, max: 4 };
  // Per part: gradient of the threshold, of the budget, and the dropped intensity.
  const sums = Array.from({ length: mostParts }, () => reals(memory, 3));
  const [active, open, upstream] = [reals(memory), reals(memory), reals(memory)];
  const budget = (): number => Math.fround(layer.n * fraction.values.view[0]);
  const selection = () => ({ threshold: theta.values.view[0], slots: roundHalfEven(budget()) });
  const lists = (batch: SiteBatch) => {
    const starts = batch.lists.levels[0].start.view;
    return [starts, batch.entries.view, batch.levels[0].base.view] as const;
  };

  return {
    isLearned,
    selection,
    prepare({ levels: [{ count }] }) {
      reserve(output, count * channels);
      output.divisor = 1;
      for (const { view } of sums) view.fill(0);
      for (const room of [active, open, upstream]) if (isLearned) room.reserve(count);
    },
    forward(batch, { kernels, from, to }) {
      const { threshold, slots } = selection();
      const values = batch.lists.values.view;
      const images = [...lists(batch), threshold, slots, channels, from, to] as const;
      kernels.reduceForward(values, output.values.view, batch.levels[0].on.view, ...images);
    },
    backward(batch, { kernels, from, to, index }) {
      if (!isLearned) return;
      const values = batch.lists.values.view;
      const { view } = sums[index];
      const { base, dMask } = batch.levels[0];
      const soft = [active.view, open.view] as const;
      const settings = [budget(), theta.values.view[0], tauN, tauThreshold] as const;
      kernels.softKeep(values, ...soft, ...lists(batch), ...settings, channels, from, to);
      const temperatures = [tauN, tauThreshold, from, to] as const;
      if (betaMaskedE !== 0) {
        const { total, rest } = batch.lists;
        const weight = betaMaskedE / batch.size;
        const scores = [upstream.view, total.view, rest.view] as const;
        kernels.maskedIntensity(values, ...soft, ...scores, ...lists(batch), view, weight, channels, from, to);
        kernels.softKeepBackward(upstream.view, ...soft, base.view, view, ...temperatures);
      }
      if (!learnN && !learnThreshold) return;
      kernels.reduceBackward(values, output.gradient.view, dMask.view, ...lists(batch), channels, from, to);
      kernels.softKeepBackward(dMask.view, ...soft, base.view, view, ...temperatures);
    },
    finish({ parts }) {
      let [ofThreshold, ofBudget, dropped] = [0, 0, 0];
      for (const { view } of sums.slice(0, parts)) {
        ofThreshold += view[0];
        ofBudget += view[1];
        dropped += view[2];
      }
      theta.gradient?.view.set([ofThreshold]);
      fraction.gradient?.view.set([(ofBudget + betaN) * layer.n]);
      return (learnN ? betaN * layer.n * fraction.values.view[0] : 0) + dropped;
    },
  };
}
