import { OptionError } from '../option-error.ts';
import { checkOptionNames } from '../option-names.ts';

/**
 * What a single output per image says. 'logit': class 1 above 0; 'probability': class 1 above 0.5; 'label': the nearest label, the lower one of two
 * that are equally near.
 */
export type OneOutput = 'logit' | 'probability' | 'label';

/** How `countCorrect` reads outputs. */
export interface CountCorrectOptions {
  /** What one output per image says; of several, the largest one's class counts, the first of equal ones. Default 'logit'. */
  readonly oneOutput?: OneOutput;
  /** Number of classes, for labels. Default 2. */
  readonly classes?: number;
}

/** Number of images in a batch that `outputs` (row-major, `width` numbers per image) put in the right class. */
export function countCorrect(
  outputs: Float32Array,
  width: number,
  labels: Int32Array,
  options: CountCorrectOptions = {},
): number {
  checkOptionNames(options, ['oneOutput', 'classes'], 'countCorrect');
  const { oneOutput = 'logit', classes = 2 } = options;
  let correct = 0;
  for (let j = 0; j < labels.length; j++) {
    let best = 0;
    if (width === 1) best = classOf(outputs[j], oneOutput, classes);
    else for (let c = 1; c < width; c++) if (outputs[j * width + c] > outputs[j * width + best]) best = c;
    if (best === labels[j]) correct++;
  }
  return correct;
}

function classOf(output: number, oneOutput: OneOutput, classes: number): number {
  switch (oneOutput) {
    case 'logit':
      return output > 0 ? 1 : 0;
    case 'probability':
      return output > 0.5 ? 1 : 0;
    case 'label':
      // `engine/kernels/loss.ts` does the same.
      return Math.min(Math.max(Math.ceil(output - 0.5), 0), classes - 1);
    default:
      throw new OptionError(
        `countCorrect: oneOutput '${String(oneOutput satisfies never)}' is none of 'logit', 'probability', 'label'`,
      );
  }
}
