import { LayerError } from '../layer-error.ts';
import { type PaddedAxis, type Padding, singleAxis, windowAxis } from '../ops/window-axis.ts';
import { type DataFormat, dataFormatOf } from './data-format.ts';
import type { Shape } from './q-layer.ts';
import { wholeNumber } from './whole-number.ts';

/** Geometry arguments of convolution layers, as Keras calls them. */
export interface ConvArgs {
  /** Number of output channels. */
  readonly filters: number;
  /** Kernel size: one number for all axes, or one per axis. */
  readonly kernelSize: number | readonly number[];
  /** Default 1. Other strides exclude other dilations. */
  readonly strides?: number | readonly number[] | null;
  /** `'valid'` (default), `'same'` (zeros around, as TensorFlow splits them) or, in one dimension, `'causal'`. */
  readonly padding?: string | null;
  /** Distance between kernel taps. Default 1. */
  readonly dilationRate?: number | readonly number[] | null;
  /** Channels and filters are split into so many groups that do not see each other. Default 1. */
  readonly groups?: number | null;
  /** `'channelsLast'` (default) or `'channelsFirst'`: `[batch, channels, …spatial]`. */
  readonly dataFormat?: string | null;
}

/** Checked geometry of a convolution of rank 1 or 2. */
export interface ConvSettings {
  readonly rank: 1 | 2;
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
  readonly dilationRate: readonly number[];
  readonly groups: number;
  readonly dataFormat: DataFormat;
}

/** A convolution on inputs of known size; one-dimensional data lie along the columns of a single row. */
export interface ConvWindows {
  readonly rows: PaddedAxis;
  readonly columns: PaddedAxis;
  readonly channels: number;
  /** `[…kernelSize, channels / groups, filters]`. */
  readonly kernelShape: readonly number[];
  /** Output without the batch axis. */
  readonly outputShape: readonly number[];
}

/** @throws naming `where`, the option and what was expected. */
export function convSettings(args: ConvArgs, rank: 1 | 2, where: string): ConvSettings {
  const settings: ConvSettings = {
    rank,
    filters: wholeNumber(args.filters, where, 'filters'),
    kernelSize: perAxis(args.kernelSize, rank, where, 'kernelSize'),
    strides: perAxis(args.strides ?? 1, rank, where, 'strides'),
    padding: paddingOf(args.padding, rank === 1 ? ['valid', 'same', 'causal'] : ['valid', 'same'], where),
    dilationRate: perAxis(args.dilationRate ?? 1, rank, where, 'dilationRate'),
    groups: wholeNumber(args.groups ?? 1, where, 'groups'),
    dataFormat: dataFormatOf(args.dataFormat, where),
  };
  if (settings.strides.some((stride) => stride > 1) && settings.dilationRate.some((rate) => rate > 1)) {
    throw new LayerError(
      `${where}: strides ${settings.strides.join('×')} with dilationRate ${settings.dilationRate.join('×')}; ` +
        'one of the two must be 1. Dilate first and pool after.',
      { option: 'dilationRate', value: settings.dilationRate },
    );
  }
  if (settings.filters % settings.groups !== 0) {
    throw new LayerError(
      `${where}: filters = ${settings.filters} is no multiple of groups = ${settings.groups}; every group needs as many.`,
      { option: 'groups', value: settings.groups },
    );
  }
  return settings;
}

/** The settings as plain data for `getConfig`. */
export function convSettingsConfig(settings: ConvSettings): { readonly [name: string]: number | number[] | string } {
  const { filters, kernelSize, strides, padding, dilationRate, groups, dataFormat } = settings;
  return {
    filters,
    kernelSize: [...kernelSize],
    strides: [...strides],
    padding,
    dilationRate: [...dilationRate],
    groups,
    dataFormat,
  };
}

/** Lays the windows over inputs of shape `[batch, …spatial, channels]`. @throws when they do not fit. */
export function convWindows(settings: ConvSettings, inputShape: Shape, where: string): ConvWindows {
  const { rank, filters, kernelSize, groups } = settings;
  const { rows, columns, channels } = windowsOver(
    inputShape,
    {
      rank,
      taps: kernelSize,
      strides: settings.strides,
      dilation: settings.dilationRate,
      padding: settings.padding,
    },
    where,
  );
  if (channels % groups !== 0) {
    throw new LayerError(
      `${where}: ${channels} input channels cannot be split into ${groups} groups. Make groups a divisor.`,
      { option: 'groups', value: groups },
    );
  }
  const spatial = rank === 1 ? [columns.output] : [rows.output, columns.output];
  return {
    rows,
    columns,
    channels,
    kernelShape: [...kernelSize, channels / groups, filters],
    outputShape: [...spatial, filters],
  };
}

/** Windows over inputs of shape `[batch, …spatial, channels]`, sizes given per spatial axis. */
export function windowsOver(
  inputShape: Shape,
  options: {
    readonly rank: 1 | 2;
    readonly taps: readonly number[];
    readonly strides: readonly number[];
    readonly dilation?: readonly number[];
    readonly padding: Padding;
  },
  where: string,
): { readonly rows: PaddedAxis; readonly columns: PaddedAxis; readonly channels: number } {
  const { rank, taps, strides, dilation, padding } = options;
  const sizes = fixedSizes(inputShape, rank, where);
  const axes = taps.map((count, axis) =>
    windowAxis(
      { input: sizes[axis], taps: count, stride: strides[axis], dilation: dilation?.[axis] ?? 1, padding },
      where,
    ),
  );
  const [rows, columns] = rank === 1 ? [singleAxis, axes[0]] : axes;
  return { rows, columns, channels: sizes[rank] };
}

/** Sizes behind the batch axis. @throws unless there are `rank` spatial axes and channels, all known. */
export function fixedSizes(inputShape: Shape, rank: 1 | 2, where: string): readonly number[] {
  const sizes = inputShape.slice(1);
  if (sizes.length === rank + 1 && sizes.every((size) => size != null && size > 0)) return sizes as number[];
  const expected = rank === 1 ? '[batch, length, channels]' : '[batch, height, width, channels]';
  const given = inputShape.map((size) => size ?? 'null').join(', ');
  throw new LayerError(`${where}: input shape [${given}]; expected ${expected} with all sizes but the batch known.`, {
    option: 'inputShape',
    value: inputShape,
  });
}

/** One number per axis from one number or a list. @throws unless whole and ≥ 1. */
export function perAxis(
  value: number | readonly number[],
  rank: number,
  where: string,
  option: string,
): readonly number[] {
  const list = typeof value === 'number' ? new Array<number>(rank).fill(value) : [...value];
  if (list.length !== rank) {
    throw new LayerError(`${where}: ${option} = ${JSON.stringify(value)}; expected one number or a list of ${rank}.`, {
      option,
      value,
    });
  }
  return list.map((entry) => wholeNumber(entry, where, option));
}

/** @throws unless the padding is one of `allowed`. */
export function paddingOf(given: string | null | undefined, allowed: readonly Padding[], where: string): Padding {
  const padding = allowed.find((name) => name === (given ?? 'valid'));
  if (padding != null) return padding;
  throw new LayerError(`${where}: padding = '${given}'; expected ${allowed.map((name) => `'${name}'`).join(' or ')}.`, {
    option: 'padding',
    value: given,
  });
}

/** @throws for channels-first data, which no part of the tool chain has. */
export function requireChannelsLast(dataFormat: string | null | undefined, where: string): void {
  if (dataFormat == null || /^channels_?last$/i.test(dataFormat)) return;
  throw new LayerError(
    `${where}: dataFormat = '${dataFormat}'; only 'channelsLast' is supported. Transpose the data.`,
    { option: 'dataFormat', value: dataFormat },
  );
}
