/** LUTs and DSPs of the original sparse firmware after synthesis, fitted on its published reports. */
import { fitNear, type NearFit, predictNear, solve } from './log-linear.ts';
import { publishedNetworks } from './published-networks.ts';
import type { KernelRow, NetworkRow } from './published-rows.ts';

/** Fitted kernels, by `kernel/bits`. */
export type KernelAreaModel = Readonly<Record<string, NearFit>>;

/** Sizes of a kernel, without what a report says about it. */
export type KernelSizes = Omit<KernelRow, 'latency' | 'interval' | 'lut' | 'dsp' | 'project'>;

/** Fits every kernel at every bit width of the rows that has at least four of them. */
export function fitKernelArea(rows: readonly KernelRow[]): KernelAreaModel {
  const groups = new Map<string, KernelRow[]>();
  for (const row of rows) {
    const key = `${row.kernel}/${row.bits}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return Object.fromEntries(
    [...groups]
      .filter(([, members]) => members.length >= 4)
      .map(([key, members]) => [
        key,
        fitNear(
          members.map(features),
          members.map(place),
          members.map((row) => row.lut / volume(row)),
        ),
      ]),
  );
}

/** LUTs of a published kernel; undefined when nothing like it was fitted. */
export function kernelLut(model: KernelAreaModel, sizes: KernelSizes): number | undefined {
  const fitted = model[`${sizes.kernel}/${sizes.bits}`];
  return fitted === undefined ? undefined : predictNear(fitted, features(sizes), place(sizes)) * volume(sizes);
}

/**
 * DSPs of a published kernel: every product at 16 bits; below, the first channel's product stays in LUTs (`sparsepixels §3.2`). Other kernels use none.
 */
export function kernelDsp({ kernel, bits, slots, channels, filters }: KernelSizes): number {
  if (kernel !== 'conv') return 0;
  return slots ** 2 * filters * (bits > 10 ? channels : channels - 1);
}

/** What a kernel's LUTs are proportional to at first sight (`sparsepixels §3.2`). */
function volume({ kernel, slots, channels, filters, pixels, outputs }: KernelSizes): number {
  switch (kernel) {
    case 'reduction':
      return pixels;
    case 'conv':
      return slots ** 2 * filters;
    case 'avgpool':
      return slots ** 2 * channels;
    case 'flatten':
      return outputs;
    case 'relu':
      return slots;
    default:
      throw new TypeError(`unknown kernel ${kernel satisfies never}`);
  }
}

/** How the LUTs per volume vary. */
function features({ kernel, slots, channels, filters, side, pixels, outputs }: KernelSizes): number[] {
  const n = Math.log(slots / 15);
  switch (kernel) {
    case 'reduction':
      return [Math.log(pixels), n, n * n];
    case 'conv': {
      // Weight tables of many entries move to block RAM when there are many pairs.
      const table = Math.log(side ** 2 * channels * filters);
      const large = side > 3 ? 1 : 0;
      return [
        channels,
        channels >= 3 ? 1 : 0,
        Math.log(filters),
        large,
        channels * large,
        n,
        n * n,
        slots >= 25 ? 1 : 0,
        table,
        table * n,
        table * n * large,
      ];
    }
    case 'avgpool':
      return [1 / slots, 1 / channels, n];
    case 'flatten':
      return [n, Math.log(outputs), n * Math.log(outputs)];
    case 'relu':
      return [n];
    default:
      throw new TypeError(`unknown kernel ${kernel satisfies never}`);
  }
}

/** Where a kernel stands among others: kernels half a unit apart are alike. */
function place({ kernel, slots, channels, filters, side, pixels, outputs }: KernelSizes): number[] {
  const n = Math.log(slots);
  switch (kernel) {
    case 'reduction':
      return [Math.log(pixels), n];
    case 'conv':
      return [n / 0.7, channels / 1.5, filters / 1.5, side / 2];
    case 'avgpool':
      return [n, channels / 2];
    case 'flatten':
      return [n / 0.7, Math.log(outputs) / 0.5];
    case 'relu':
      return [n];
    default:
      throw new TypeError(`unknown kernel ${kernel satisfies never}`);
  }
}

/** What is fitted about whole networks at one bit width. */
export interface NetworkAreaModel {
  /** LUTs per weight of the dense layers. */
  readonly perWeight: number;
  /** LUTs per slot for the buffers between the stages. */
  readonly perSlot: number;
  /** Share of the first dense layer's products that become DSPs. */
  readonly dspShare: number;
}

/** Fits the networks of each bit width whose architecture is known, by width. */
export function fitNetworkArea(rows: readonly NetworkRow[]): Readonly<Record<number, NetworkAreaModel>> {
  const widths = [...new Set(rows.map(({ bits }) => bits))];
  return Object.fromEntries(
    widths.flatMap((bits) => {
      const members = rows.filter((row) => row.bits === bits && knownSlots(row) !== undefined);
      if (members.length < 2) return [];
      const points = members.map((row) => {
        const network = publishedNetworks[row.task];
        const kernels = kernelsOfNetwork(row);
        return {
          weights: network.dense.all,
          slots: row.slots as number,
          lut: row.lut - kernels.lut,
          dsp: (row.dsp - kernels.dsp) / network.dense.first,
        };
      });
      const sum = (f: (point: (typeof points)[number]) => number) =>
        points.reduce((total, point) => total + f(point), 0);
      const [perWeight, perSlot] = solve(
        [
          [sum((p) => p.weights ** 2), sum((p) => p.weights * p.slots)],
          [sum((p) => p.weights * p.slots), sum((p) => p.slots ** 2)],
        ],
        [sum((p) => p.weights * p.lut), sum((p) => p.slots * p.lut)],
      );
      return [[bits, { perWeight, perSlot, dspShare: sum((p) => p.dsp) / points.length }]];
    }),
  );
}

/** LUTs and DSPs of a published network; undefined when its architecture or bit width is not known. */
export function networkArea(
  models: Readonly<Record<number, NetworkAreaModel>>,
  row: Pick<NetworkRow, 'task' | 'bits' | 'slots'>,
): { lut: number; dsp: number } | undefined {
  const model = models[row.bits];
  const slots = knownSlots(row);
  if (model === undefined || slots === undefined) return undefined;
  const network = publishedNetworks[row.task];
  const kernels = kernelsOfNetwork(row);
  return {
    lut: kernels.lut + model.perWeight * network.dense.all + model.perSlot * slots,
    // Narrow products need none; then only the softmax divides with them.
    dsp:
      row.bits <= 8 ? (network.classes > 1 ? network.classes : 0) : kernels.dsp + model.dspShare * network.dense.first,
  };
}

function knownSlots({ task, slots }: Pick<NetworkRow, 'task' | 'slots'>): number | undefined {
  return publishedNetworks[task] === undefined ? undefined : slots;
}

/** The saturating kernels of whole networks, with the published coefficients (`sparsepixels §3.2`, "e2e kernels"). */
function kernelsOfNetwork({ task, bits, slots = 0 }: Pick<NetworkRow, 'task' | 'bits' | 'slots'>): {
  lut: number;
  dsp: number;
} {
  const { pixels, layers } = publishedNetworks[task];
  const narrow = bits <= 8;
  let lut = pixels * (narrow ? 23.8 : 53.3);
  let dsp = 0;
  for (const layer of layers) {
    const c = layer.channels;
    if (layer.kind === 'pool') {
      lut += narrow ? slots ** 2 * (10.6 * c + 1.9) - 2.7 * slots * c : slots ** 2 * (29.5 * c + 2.1) - 65 * slots * c;
    } else {
      const f = layer.filters;
      lut += narrow
        ? slots ** 2 * f * (2.4 + 65.9 * c + 0.44 * layer.side ** 2)
        : slots ** 2 * (28.2 * f + 40 * f * c + 10.2);
      if (!narrow) dsp += slots ** 2 * f * (c === 1 ? 1 : 5);
    }
  }
  return { lut, dsp };
}
