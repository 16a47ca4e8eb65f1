import { printable } from './printable.ts';

/**
 * Widths of text without a canvas, the same in Node and in browsers.
 *
 * Vega measures text with a canvas where there is one and guesses otherwise; both differ between machines. These are
 * the advance widths of DejaVu Sans in thousandths of the font size (characters 32 to 126), so that layouts are tight
 * and identical everywhere.
 */
const regular = [
  318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
  636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
  748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
  615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
  337, 636, 838,
];

const bold = [
  348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696, 696, 696,
  696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995,
  837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716,
  678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712,
  365, 712, 838,
];

const special: ReadonlyMap<string, number> = new Map([
  ['·', 318],
  ['\u{FFFD}', 1026],
  ['\u{2060}', 0],
  ...[...'⁰¹²³⁴⁵⁶⁷⁸⁹⁻'].map((letter) => [letter, 401] as const),
]);

/** Wide enough for the symbols that figures use (×, →, −, ≥, Greek). */
const other = 838;

/** Width in px of one line of text set in DejaVu Sans at `fontSize` px. */
export function textWidth(text: string, fontSize: number, weight: 'normal' | 'bold' = 'normal'): number {
  const table = weight === 'bold' ? bold : regular;
  let width = 0;
  for (const letter of printable(text)) {
    const code = letter.codePointAt(0) ?? 0;
    width += special.get(letter) ?? table[code - 32] ?? other;
  }
  return (width * fontSize) / 1000;
}
