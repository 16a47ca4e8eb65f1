import { type Buffer, reserve } from '../batch/buffer.ts';
import type { Memory } from '../memory/memory.ts';
import { reals } from '../memory/room.ts';
import type { DataQuantizer } from '../quantizer/data-quantizer.ts';
import type { EngineWeight } from '../quantizer/engine-weight.ts';
import type { Operation } from './operation.ts';

/** A sparse convolution: `on · act(bias ⊕ conv(q(x), kernel))`, ⊕ where the sum is not 0 (sparsepixels §1.2). */
export interface SparseConvSettings {
  readonly level: number;
  /** Which neighbour lists to use. */
  readonly window: number;
  readonly channels: number;
  readonly filters: number;
  readonly isRelu: boolean;
  readonly input: Buffer;
  readonly output: Buffer;
  readonly iq: DataQuantizer;
  readonly kernel: EngineWeight;
  readonly bias: EngineWeight | null;
}

/** Compiles the convolution. Gradients of the mask are those of `ops/sparse-conv.ts` in `@sp/layers`. */
export function sparseConv(settings: SparseConvSettings, memory: Memory): Operation {
  const { level: levelIndex, window, channels, filters, input, output, iq, kernel, bias } = settings;
  const sums = reals(memory);
  const active = reals(memory);
  const nothing = reals(memory, 1);
  const hasBias = bias == null ? 0 : 1;
  const isRelu = settings.isRelu ? 1 : 0;
  return {
    prepare(batch, mode) {
      const { count } = batch.levels[levelIndex];
      reserve(output, count * filters);
      output.divisor = 1;
      sums.reserve(count * filters);
      active.reserve(count * filters);
      iq.prepare(batch, mode);
      kernel.prepare(mode, batch.parts);
      bias?.prepare(mode, batch.parts);
    },
    forward(batch, part, mode) {
      const { kernels, from, to } = part;
      const { base, on } = batch.levels[levelIndex];
      const { row, pairs } = batch.lists.windows[window];
      const starts = batch.lists.levels[levelIndex].start.view;
      const x = iq.forward(batch, part, mode);
      const lists = [base.view, starts, batch.entries.view, row.view, pairs.view] as const;
      kernels.convolve(x, kernel.quantised.view, sums.view, ...lists, channels, filters, from, to);
      kernels.activate(
        sums.view,
        active.view,
        output.values.view,
        on.view,
        (bias?.quantised ?? nothing).view,
        hasBias,
        isRelu,
        filters,
        base.view[from],
        base.view[to],
      );
    },
    backward(batch, part) {
      const { kernels, from, to, index } = part;
      const { base, on, dMask } = batch.levels[levelIndex];
      const { row, pairs } = batch.lists.windows[window];
      const starts = batch.lists.levels[levelIndex].start.view;
      const sites = [base.view[from], base.view[to]] as const;
      const lists = [base.view, starts, batch.entries.view, row.view, pairs.view] as const;
      const dx = input.gradient.view;
      kernels.activateBackward(
        sums.view,
        active.view,
        output.gradient.view,
        on.view,
        dMask.view,
        (bias?.gradients[index] ?? nothing).view,
        hasBias,
        isRelu,
        filters,
        ...sites,
      );
      kernels.correlate(
        iq.result(),
        kernel.quantised.view,
        sums.view,
        dx,
        kernel.gradients[index].view,
        on.view,
        ...lists,
        channels,
        filters,
        from,
        to,
      );
      iq.backward(batch, part, dx);
      kernels.maskBackward(dx, input.values.view, input.divisor, on.view, dMask.view, channels, ...sites);
    },
    finish({ parts }) {
      iq.follow();
      kernel.finish(parts);
      bias?.finish(parts);
      return 0;
    },
  };
}
