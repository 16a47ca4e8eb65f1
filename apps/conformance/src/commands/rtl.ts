import type { Command } from './command.ts';

/** Runs published networks as hardware. */
export const rtl: Command = {
  usage: 'rtl <file>',
  description: 'build published networks in Verilog cells and compare every number of every node, clock by clock',
  options: [
    ['--adversarial <images>', 'constructed images beside the real ones (default: 200)'],
    ['--intervals <clocks>', 'clocks between two images, one or more with commas (default: 1,5)'],
    ['--network <name>', 'only this network'],
  ],
  async run([file], options = {}) {
    // Loaded on demand: this command needs the layers and the hardware generator.
    const { rtlReport, rtlTable } = await import('../rtl.ts');
    const report = await rtlReport(file, options);
    return { ok: report.ok, table: rtlTable(report), report };
  },
};
