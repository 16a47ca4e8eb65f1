import type { HlsPlan } from '../plan/plan.ts';

/** Flags that every build of the simulation uses. */
export const CXX_FLAGS: readonly string[] = ['-std=c++17', '-O2', '-Wall', '-Wextra', '-Wshadow', '-Wconversion'];

/** `build_lib.sh` and `build_prj.tcl`. */
export function buildFiles(plan: HlsPlan, testbench: boolean): Map<string, string> {
  return new Map([
    ['build_lib.sh', buildScript(plan, testbench)],
    ['build_prj.tcl', hlsScript(plan, testbench)],
  ]);
}

function buildScript({ name }: HlsPlan, testbench: boolean): string {
  return [
    '#!/bin/sh',
    '# Builds the simulation with a plain C++17 compiler (CXX, default g++; words allowed), no FPGA tools needed.',
    '# To use AMD\'s headers instead of ours: CXXFLAGS="-DSP_USE_AP_TYPES -I<path to ap_fixed.h>" ./build_lib.sh',
    'set -e',
    'cd "$(dirname "$0")"',
    'mkdir -p build',
    `FLAGS="${CXX_FLAGS.join(' ')} $CXXFLAGS"`,
    `CXX=\${CXX:-g++}`,
    '# A program, whatever blanks its path has; or else a command with words, such as "ccache g++".',
    'if command -v "$CXX" > /dev/null; then set -- "$CXX"; else set -f; set -- $CXX; set +f; fi',
    `"$@" $FLAGS ${name}_bridge.cpp -o build/${name}_bridge`,
    ...(testbench
      ? [`"$@" $FLAGS ${name}_test.cpp firmware/${name}.cpp -o build/${name}_test`, `./build/${name}_test tb_data`]
      : []),
    '',
  ].join('\n');
}

function hlsScript({ name, settings }: HlsPlan, testbench: boolean): string {
  const flags = '-std=c++14 -DSP_USE_AP_TYPES';
  const vivado = '-std=c++0x -DSP_USE_AP_TYPES';
  return [
    '# Synthesis with Vitis HLS (vitis-run from 2024.2 on) or Vivado HLS, whichever runs this script:',
    '#   vitis_hls -f build_prj.tcl        vitis-run --mode hls --tcl build_prj.tcl        vivado_hls -f build_prj.tcl',
    '# Steps are chosen by environment variables: CSIM=1 SYNTH=1 COSIM=0 EXPORT=0 VSYNTH=0 (defaults shown).',
    'proc wanted {step default} {',
    '  if {[info exists ::env($step)]} { return [expr {$::env($step) ne "0"}] }',
    '  return $default',
    '}',
    'set vitis [expr {![string match "*vivado_hls*" [info nameofexecutable]]}]',
    `set flags [expr {$vitis ? "${flags}" : "${vivado}"}]`,
    '',
    `open_project -reset ${name}_prj`,
    `set_top ${name}`,
    `add_files firmware/${name}.cpp -cflags $flags`,
    ...(testbench ? [`add_files -tb ${name}_test.cpp -cflags $flags`, 'add_files -tb tb_data'] : []),
    'if {$vitis} {',
    '  open_solution -reset solution1 -flow_target vivado',
    '} else {',
    '  open_solution -reset solution1',
    '}',
    '# Arrays of this many elements may be partitioned completely (checkPlan counts with it).',
    'if {!$vitis} { config_array_partition -maximum_size 4096 }',
    `set_part {${settings.part}}`,
    `create_clock -period ${settings.clockPeriod} -name default`,
    `set_clock_uncertainty ${settings.clockUncertainty}% default`,
    '',
    ...(testbench ? ['if {[wanted CSIM 1]} { csim_design }'] : []),
    'if {[wanted SYNTH 1]} { csynth_design }',
    ...(testbench ? ['if {[wanted COSIM 0]} { cosim_design }'] : []),
    'if {[wanted EXPORT 0]} { export_design -format ip_catalog }',
    'if {[wanted VSYNTH 0]} {',
    `  set script [open vivado_synth.tcl w]`,
    `  puts $script "add_files [glob ${name}_prj/solution1/syn/verilog/*.v]"`,
    `  puts $script "synth_design -top ${name} -part ${settings.part} -mode out_of_context"`,
    `  puts $script "create_clock -period ${settings.clockPeriod} \\[get_ports ap_clk\\]"`,
    '  puts $script "opt_design"',
    '  puts $script "report_utilization -file vivado_synth.rpt"',
    '  puts $script "report_timing_summary -file vivado_timing.rpt"',
    '  close $script',
    '  exec vivado -mode batch -source vivado_synth.tcl >@ stdout',
    '}',
    'exit',
    '',
  ].join('\n');
}
