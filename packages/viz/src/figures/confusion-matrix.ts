import { reject, requireLength, requireSome } from '../spec/checks.ts';
import { type FigureOptions, figure, rows, themeOf } from '../spec/figure.ts';
import type { JsonObject, VegaLiteSpec } from '../spec/json.ts';
import { grouped, percent, tidy } from '../spec/numbers.ts';

/** Answers of a classifier. */
export interface ConfusionMatrixInput {
  /** True class of each sample, 0, 1, …. */
  readonly actual: ArrayLike<number>;
  /** Predicted class of each sample. */
  readonly predicted: ArrayLike<number>;
  /** Names of the classes, at most 500. @defaultValue their numbers, up to 200 classes */
  readonly classes?: readonly string[] | undefined;
}

/** Classes above which a cell has no room for its count. */
const countsLimit = 40;
/** Classes that are drawn because a number asks for them: larger numbers are rather mistakes. */
const numberedLimit = 200;
/** Classes that can be drawn at all: the picture has a cell for each pair. */
const classesLimit = 500;

/**
 * How often each true class (row) was answered with each class (column), as counts; the colour is the share of the row.
 * Above 40 classes the counts are left out, with a note.
 *
 * @throws FigureError when the arrays differ in length, are empty, or hold a class that is not a whole number from 0, or
 * when there are more classes than can be drawn.
 *
 * @example
 * ```ts
 * const spec = confusionMatrix({ actual: [0, 1, 1], predicted: [0, 1, 0], classes: ['cat', 'dog'] });
 * ```
 */
export function confusionMatrix(input: ConfusionMatrixInput, options: FigureOptions = {}): VegaLiteSpec {
  const { actual, predicted } = input;
  requireSome('confusionMatrix', 'actual', actual.length);
  requireLength('confusionMatrix', 'predicted', predicted.length, actual.length, 'one per entry of actual');
  const theme = themeOf('confusionMatrix', options);
  const classes = input.classes ?? numberedClasses(actual, predicted);
  const count = classes.length;
  if (count > classesLimit) {
    const remedy = `draw at most ${classesLimit}, for example groups of classes`;
    reject('confusionMatrix', 'classes', `has ${count} names`, remedy);
  }
  const table = new Float64Array(count * count);
  let correct = 0;
  for (let sample = 0; sample < actual.length; sample++) {
    checkClass('actual', sample, actual[sample], count);
    checkClass('predicted', sample, predicted[sample], count);
    table[actual[sample] * count + predicted[sample]]++;
    if (actual[sample] === predicted[sample]) correct++;
  }
  const values: JsonObject[] = [];
  for (let row = 0; row < count; row++) {
    const total = table.subarray(row * count, (row + 1) * count).reduce((sum, cell) => sum + cell, 0);
    for (let column = 0; column < count; column++) {
      const cell = table[row * count + column];
      values.push({
        actual: classes[row],
        predicted: classes[column],
        share: total === 0 ? 0 : tidy(cell / total, 4),
        count: cell === 0 ? '·' : grouped(cell),
        empty: cell === 0,
      });
    }
  }
  const colorsOnly = count > countsLimit;
  const cell = colorsOnly ? Math.max(6, Math.floor(1000 / count)) : Math.max(30, Math.min(56, Math.floor(560 / count)));
  const side = cell * count;
  const crowded = cell < 34;
  const overlap = colorsOnly ? { labelOverlap: 'greedy' } : {};
  const axis = { grid: false, domain: false, ticks: false, labelAngle: 0, labelPadding: 6, ...overlap };
  const long = classes.some((name) => name.length * 9 > cell);
  const encoding = {
    x: {
      field: 'predicted',
      type: 'nominal',
      sort: null,
      title: 'predicted class',
      axis: { ...axis, orient: 'bottom', labelAngle: long ? -40 : 0 },
      scale: { domain: classes, paddingInner: 0.04, paddingOuter: 0 },
    },
    y: {
      field: 'actual',
      type: 'nominal',
      sort: null,
      title: 'true class',
      axis,
      scale: { domain: classes, paddingInner: 0.04, paddingOuter: 0 },
    },
  };
  const text = {
    condition: [
      { test: 'datum.empty', value: theme.neutral },
      { test: 'datum.share > 0.5', value: theme.background },
    ],
    value: theme.text,
  };
  const caption = {
    title: 'Confusion matrix',
    notes: [
      `${grouped(correct)} of ${grouped(actual.length)} samples correct: ${percent(correct / actual.length)}`,
      colorsOnly ? `counts are left out: ${count} classes` : '',
    ],
    description: `Counts of predicted classes for each of ${count} true classes.`,
  };
  return figure(options, caption, {
    data: rows(values),
    width: side,
    height: side,
    encoding,
    layer: [
      {
        mark: { type: 'rect' },
        encoding: {
          color: {
            field: 'share',
            type: 'quantitative',
            scale: { domain: [0, 1], range: theme.sequential },
            // All answers of a single class are right.
            legend:
              count === 1
                ? null
                : {
                    title: 'share of row',
                    format: '.0%',
                    gradientLength: Math.max(70, Math.min(200, side - 40)),
                    tickCount: 5,
                  },
          },
        },
      },
      ...(colorsOnly
        ? []
        : [
            {
              mark: { type: 'text', fontSize: crowded ? 11 : 14, baseline: 'middle' },
              encoding: { text: { field: 'count', type: 'nominal' }, color: text },
            },
          ]),
    ],
  });
}

function numberedClasses(actual: ArrayLike<number>, predicted: ArrayLike<number>): readonly string[] {
  let largest = 0;
  for (let sample = 0; sample < actual.length; sample++) {
    for (const [field, value] of [
      ['actual', actual[sample]],
      ['predicted', predicted[sample]],
    ] as const) {
      if (value >= numberedLimit) {
        const remedy = `number the classes from 0 to ${numberedLimit - 1} at most, or name them all in classes`;
        reject('confusionMatrix', `${field}[${sample}]`, `is ${value}, more classes than are drawn`, remedy);
      }
      if (value > largest) largest = value;
    }
  }
  return Array.from({ length: largest + 1 }, (_, index) => `${index}`);
}

function checkClass(field: string, sample: number, value: number, count: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= count) {
    reject('confusionMatrix', `${field}[${sample}]`, `is ${value}`, `give a class from 0 to ${count - 1}`);
  }
}
