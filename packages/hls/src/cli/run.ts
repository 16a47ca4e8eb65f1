import { GraphError } from '@sp/quant';
import { type Program, runProgram, type Terminal } from '@sp/quant/cli';
import { CompileError, ConfigError, FirmwareError, NoCompilerError, NoToolError } from '../errors.ts';
import { COMMANDS, type OptionName } from './commands.ts';

const OPTIONS: Readonly<Record<OptionName, string>> = {
  config: 'FILE  options as JSON: { "model": { … }, "layerType": { … }, "layerName": { … } }',
  images: 'FILE  data: numbers as JSON, text or .npy; of several inputs JSON by name, or .npz',
  labels: 'FILE  places of the right classes, to count them',
  random: 'N     made-up data: N images, the same every time',
  out: 'FILE  where results go',
  granularity: 'G     model, type or name',
  latency: 'N    most cycles from image to result',
  interval: 'N   most cycles between two images',
  lut: 'N     most LUTs',
  ff: 'N     most flip-flops',
  dsp: 'N     most DSPs',
  bram: 'N     most blocks of 18 kbit',
  tool: 'T     vitis-run, vitis_hls or vivado_hls (default: what is installed)',
  steps: 'LIST  of csim, synth, cosim, export, vsynth, with commas between',
  top: 'KIND    network, axis or kernel',
  'time-limit': 'S  seconds after which the tool is ended',
  figure: 'FILE  a drawing of the plans, .svg; needs @sp/viz',
  cxx: 'CMD   C++17 compiler (default: environment variable CXX, g++, clang++)',
};

/** The command line program `sp-hls`. Exit codes: 0 done, 1 mismatches or a failure, 2 bad arguments or files, 3 no C++ compiler or synthesis tool. */
export const PROGRAM: Program<OptionName> = {
  name: 'sp-hls',
  commands: COMMANDS,
  options: OPTIONS,
  intro: [
    'sp-hls: from a fixed graph to C++ for Vitis and Vivado HLS, checked with any C++17 compiler.',
    '',
    'Usage: sp-hls COMMAND … [options]; GRAPH is the .json file of a saved graph (its .bin lies beside it), DIR a project’s folder',
  ],
  end: [
    'From a graph to checked firmware',
    '  sp-hls config network.json > config.json              the defaults, to edit; legal values: sp-hls factors network.json',
    '  sp-hls estimate network.json --config config.json     what they cost, in a second',
    '  sp-hls check network.json --config config.json        what the synthesis tools would refuse',
    '  sp-hls export network.json firmware --config config.json --random 20',
    '  sp-hls compare network.json firmware --random 1000    every code of every node; the goal is 0 mismatches',
    '  sp-hls build firmware                                 on a machine that has Vitis; then: sp-hls estimate network.json firmware',
    '',
    'Exit codes: 0 done, 1 mismatches or a failure, 2 bad arguments or files, 3 no C++ compiler or synthesis tool.',
  ],
  exitCode(error) {
    if (error instanceof ConfigError || error instanceof GraphError || error instanceof FirmwareError) return 2;
    if (error instanceof NoCompilerError || error instanceof NoToolError) return 3;
    return error instanceof CompileError ? 1 : undefined;
  },
};

/**
 * Runs the command line program `sp-hls` and returns its exit code.
 *
 * @param argv arguments without program and script
 */
export function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  return runProgram(PROGRAM, argv, terminal);
}
