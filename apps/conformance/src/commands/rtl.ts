import type { Command } from './command.ts';

/** Runs networks as hardware. */
export const rtl: Command = {
  usage: 'rtl <source>',
  description:
    'build published networks (a file), or the one of a run (its folder), in Verilog cells and compare every number of every node, clock by clock',
  options: [
    ['--adversarial <images>', 'constructed images beside the real ones (default: 200)'],
    ['--intervals <clocks>', 'clocks between two images, one or more with commas (default: 1,5)'],
    ['--network <name>', 'only this network'],
    [
      '--verilog [images]',
      'run the emitted Verilog in Icarus Verilog, too, on all images or on that many, half of them real: minutes',
    ],
  ],
  async run([file], options = {}) {
    // Loaded on demand: this command needs the layers and the hardware generator.
    const { rtlReport, rtlTable } = await import('../rtl.ts');
    const report = await rtlReport(file, options);
    return { ok: report.ok, table: rtlTable(report), report };
  },
};
