import { type Buffer, reserve } from '../batch/buffer.ts';
import type { Layout } from '../batch/layout.ts';
import type { Memory } from '../memory/memory.ts';
import { reals } from '../memory/room.ts';
import type { DataQuantizer } from '../quantizer/data-quantizer.ts';
import type { EngineWeight } from '../quantizer/engine-weight.ts';
import type { Operation } from './operation.ts';

/** `act(q(x) · kernel + bias)` on vectors of which only the listed elements can differ from 0. */
export interface DenseSettings {
  readonly units: number;
  readonly isRelu: boolean;
  readonly layout: Layout;
  readonly input: Buffer;
  readonly output: Buffer;
  readonly iq: DataQuantizer;
  readonly kernel: EngineWeight;
  readonly bias: EngineWeight | null;
}

/** Compiles a dense layer. */
export function dense(settings: DenseSettings, memory: Memory): Operation {
  const { units, layout, input, output, iq, kernel, bias } = settings;
  const nothing = reals(memory, 1);
  const flags = [bias == null ? 0 : 1, settings.isRelu ? 1 : 0] as const;
  return {
    prepare(batch, mode) {
      reserve(output, batch.size * units);
      output.divisor = 1;
      iq.prepare(batch, mode);
      kernel.prepare(mode, batch.parts);
      bias?.prepare(mode, batch.parts);
    },
    forward(batch, part, mode) {
      const { kernels, from, to } = part;
      const { base, pixel } = layout.sites(batch);
      const x = iq.forward(batch, part, mode);
      const weights = [kernel.quantised.view, (bias?.quantised ?? nothing).view] as const;
      const places = [base.view, pixel.view, ...flags, layout.channels, units, from, to] as const;
      kernels.denseForward(x, ...weights, output.values.view, ...places);
    },
    backward(batch, part) {
      const { kernels, from, to, index } = part;
      const { base, pixel } = layout.sites(batch);
      const dx = input.gradient.view;
      kernels.denseBackward(
        iq.result(),
        kernel.quantised.view,
        output.values.view,
        output.gradient.view,
        dx,
        kernel.gradients[index].view,
        (bias?.gradients[index] ?? nothing).view,
        base.view,
        pixel.view,
        ...flags,
        layout.channels,
        units,
        from,
        to,
      );
      iq.backward(batch, part, dx);
    },
    finish({ parts }) {
      iq.follow();
      kernel.finish(parts);
      bias?.finish(parts);
      return 0;
    },
  };
}
