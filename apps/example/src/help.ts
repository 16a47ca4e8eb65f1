import { commandLine } from './command-line.ts';
import { optionTexts } from './options.ts';

/** What `--help` prints, with commands as they are typed: after `npm start --`, or as `sp-example` where that is installed. */
export function helpText(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const program = commandLine([], environment);
  const rows = Object.entries(optionTexts).map(([name, { value, help, default: fallback }]) => [
    `--${name} ${value}`,
    `${help} (default ${fallback})`,
  ]);
  const width = Math.max(...rows.map(([left]) => left.length));
  return `sp-example: train a sparse quantised CNN on images and turn it into C++ for FPGAs that computes exactly the same numbers.

Usage: ${program} [command] [options]

Commands
  all      train, then export (default)
  train    train a network; writes the model, pictures and a report
  export   take the model in --out and write its firmware; compare it with the model on all test images

Options
${rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')}
  ${'--rtl[=CLOCKS]'.padEnd(width)}  also write the network as pipelined Verilog, an image every CLOCKS (5), and simulate it on test images
  ${'--resume'.padEnd(width)}  go on with the interrupted training of --out, with the options it was started with
  ${'--help'.padEnd(width)}  print this

Examples
  ${program.replace(/ --$/, '')}
      the whole way with the UCI digits: some ten seconds once all is built, result in runs/digits
  ${program} --data tracks
      the same with tracks and showers in a noisy detector: a minute or so, result in runs/tracks
  ${program} train --epochs 5 --out runs/quick
      a quick look at the training
  ${program} export --out runs/quick --reuse-factor 4
      firmware of that network with a quarter of the multipliers in its dense layers
  ${program} export --rtl
      hardware without HLS: runs/digits with rtl/ beside firmware/, every number simulated clock by clock
  ${program} --n 20 --threshold 0.5 --parallelization-factor 4 --out runs/small
      at most 20 pixels per image, 4 of them computed at once
  ${program} --data npz my-images.npz --out runs/mine
      your images: arrays x_train [count, height, width(, channels)], y_train [count], x_test, y_test; or x and y
  ${program} --data hdf5 jets.h5 --images jets/pixels --labels jets/truth --channels first --out runs/jets
      your HDF5 file: datasets of those names, images [count, channels, height, width]
  ${program} --data csv hits.csv --separator ';' --label first --shape 16x24x1 --out runs/hits
      your table: one image per line, its label in front, 16 × 24 pixels row by row
  ${program} --data mnist-idx mnist/ --out runs/mnist
      MNIST from its four IDX files (.gz or not), made sparse as in the SparsePixels paper
  ${program} --resume --out runs/digits
      go on after Ctrl-C, a kill or a power cut: weights, history and firmware are those of a training never interrupted

A run folder holds model/ (reload it with loadModel), graph.json and graph.bin (the fixed-point network), firmware/ (the HLS
project: C++, weights, testbench, scripts for Vitis HLS and g++), with --rtl also rtl/ (Verilog, testbenches, scripts for
Vivado and yosys), pictures/, run.json and report.md. It appears when the run has ended, never half. Until then the training
is kept in the folder DIR.training beside it, saved after every epoch; it is removed when the run has ended, and replaced by
a start without --resume.

Exit codes
  0    all done, no mismatch between model, interpreter and compiled C++, and with --rtl the simulated hardware
  1    mismatches, or a failure of the program
  2    bad option or bad data (nothing written)
  3    no C++ compiler found: everything is written, only the comparison with compiled C++ is missing
  130  interrupted: --out is as it was, epochs already trained are kept (see --resume)
`;
}
