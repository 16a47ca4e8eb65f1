import { GraphError } from '@sp/quant';
import { type Program, runProgram, type Terminal } from '@sp/quant/cli';
import { RtlError } from '../errors.ts';
import { COMMANDS } from './commands.ts';
import { OPTIONS, type OptionName } from './options.ts';

/** The command line program `sp-rtl`. Exit codes: 0 done, 1 mismatches, 2 bad arguments or files, or nothing to synthesise with. */
export const PROGRAM: Program<OptionName> = {
  name: 'sp-rtl',
  commands: COMMANDS,
  options: OPTIONS,
  intro: [
    'sp-rtl: from a fixed graph to pipelined Verilog, simulated and measured without any other tool.',
    '',
    'Usage: sp-rtl COMMAND … [options]; GRAPH is the .json file of a saved graph (its .bin lies beside it), DIR a folder',
  ],
  end: [
    'From a graph to checked hardware',
    '  sp-rtl explore network.json                           what intervals and clocks cost, estimated, in a minute',
    '  sp-rtl compare network.json --interval 5              every number of every node, every clock; the goal is 0 mismatches',
    '  sp-rtl verilog network.json --interval 5              the emitted text in Icarus Verilog',
    '  sp-rtl area network.json --interval 5                 LUTs, registers and DSPs by block, measured with yosys',
    '  sp-rtl mapped network.json --interval 5               the mapped LUTs and registers, simulated against the words',
    '  sp-rtl emit network.json hardware --interval 5        Verilog, testbench, design.json',
    '',
    'Exit codes: 0 done, 1 mismatches, 2 bad arguments or files, or no synthesiser.',
  ],
  exitCode: (error) => (error instanceof RtlError || error instanceof GraphError ? 2 : undefined),
};

/**
 * Runs the command line program `sp-rtl` and returns its exit code.
 *
 * @param argv arguments without program and script
 */
export function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  return runProgram(PROGRAM, argv, terminal);
}
