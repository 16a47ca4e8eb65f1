import type { HlsPlan } from '../plan/hls-plan.ts';

/** Flags that every build of the simulation uses. */
export const CXX_FLAGS: readonly string[] = ['-std=c++17', '-O2', '-Wall', '-Wextra', '-Wshadow', '-Wconversion'];

/** A program or library that can be built without the tools. */
interface Product {
  /** What it is called after `make`, and as argument of `build_lib.sh`. */
  readonly target: string;
  /** File in `build/`. */
  readonly file: string;
  readonly sources: readonly string[];
  /** Whether it takes in the top function, compiled once for all. */
  readonly top: boolean;
  /** Flags besides the common ones. */
  readonly flags: readonly string[];
  /** Of a test: its command's argument. */
  readonly test?: string;
  readonly about: string;
}

/** What the project's own compiler builds. */
function products({ name, settings }: HlsPlan, testbench: boolean): Product[] {
  // Streams of limited length are another kind of stream, so a top function of streams is compiled again for them.
  const streamed = settings.ioType === 'io_stream';
  const tests: Product[] = [
    {
      target: 'test',
      file: `${name}_test`,
      sources: [`${name}_test.cpp`],
      top: true,
      flags: [],
      test: 'tb_data',
      about: 'the testbench, and runs it',
    },
    {
      target: 'wrappers',
      file: `${name}_axi_test`,
      sources: [
        ...['axi_test', 'axis', 'kernel'].map((part) => `wrappers/${name}_${part}.cpp`),
        ...(streamed ? [`firmware/${name}.cpp`] : []),
      ],
      top: !streamed,
      flags: ['-DSP_BOUNDED', '-pthread'],
      test: 'tb_data',
      about: 'the testbench of the AXI wrappers, and runs it',
    },
  ];
  return [
    {
      target: 'bridge',
      file: `${name}_bridge`,
      sources: [`${name}_bridge.cpp`],
      top: false,
      flags: [],
      about: 'the program behind predict and compare',
    },
    {
      target: 'lib',
      file: `lib${name}.so`,
      sources: [`lib/${name}_lib.cpp`],
      top: true,
      flags: ['-shared', '-fPIC'],
      about: 'the shared library for C, ROOT and Python',
    },
    ...(testbench ? tests : []),
  ];
}

/** `build_lib.sh`, `Makefile`, `CMakeLists.txt` and `build_prj.tcl`. */
export function buildFiles(plan: HlsPlan, testbench: boolean): Map<string, string> {
  const all = products(plan, testbench);
  return new Map([
    ['build_lib.sh', buildScript(plan, all)],
    ['Makefile', makefile(plan, all)],
    ['CMakeLists.txt', cmakeLists(plan, all)],
    ['build_prj.tcl', hlsScript(plan, testbench)],
  ]);
}

function buildScript({ name }: HlsPlan, all: readonly Product[]): string {
  const names = all.map(({ target }) => target).join(' ');
  return [
    '#!/bin/sh',
    '# Builds the simulation with a plain C++17 compiler (CXX, default g++; words allowed), no FPGA tools and no make needed.',
    `# ./build_lib.sh builds all of it: ${names}; ./build_lib.sh lib a part.`,
    '# To use AMD\'s headers instead of ours: CXXFLAGS="-DSP_USE_AP_TYPES -I<path to ap_fixed.h>" ./build_lib.sh',
    'set -e',
    'cd "$(dirname "$0")"',
    'mkdir -p build',
    `WANTED="\${*:-${names}}"`,
    `FLAGS="${CXX_FLAGS.join(' ')} $CXXFLAGS"`,
    `CXX=\${CXX:-g++}`,
    '# A program, whatever blanks its path has; or else a command with words, such as "ccache g++".',
    'if command -v "$CXX" > /dev/null; then set -- "$CXX"; else set -f; set -- $CXX; set +f; fi',
    'case " $WANTED " in',
    `${all
      .filter(({ top }) => top)
      .map(({ target }) => `*" ${target} "*`)
      .join(' | ')}) "$@" $FLAGS -fPIC -c firmware/${name}.cpp -o build/${name}.o ;;`,
    'esac',
    'for PART in $WANTED; do',
    '  case $PART in',
    ...all.flatMap(({ target, file, sources, top, flags, test }) => [
      `  ${target})`,
      `    ${['"$@" $FLAGS', ...flags, ...sources, ...(top ? [`build/${name}.o`] : []), '-o', `build/${file}`].join(' ')}`,
      ...(test === undefined ? [] : [`    ./build/${file} ${test}`]),
      '    ;;',
    ]),
    '  *)',
    `    echo "build_lib.sh: there is no part \\"$PART\\"; the parts are ${names}" >&2`,
    '    exit 2',
    '    ;;',
    '  esac',
    'done',
    '',
  ].join('\n');
}

function makefile({ name }: HlsPlan, all: readonly Product[]): string {
  return [
    '# Simulation with a plain C++17 compiler: make, make test, or one of the parts.',
    ...all.map(({ target, about }) => `#   make ${target.padEnd(9)} ${about}`),
    '# To use AMD\'s headers instead of ours: make CXXFLAGS="-DSP_USE_AP_TYPES -I<path to ap_fixed.h>"',
    `FLAGS = ${CXX_FLAGS.join(' ')}`,
    'HEADERS = $(wildcard firmware/*.h firmware/*/*.h lib/*.h wrappers/*.h)',
    '',
    `all: ${all.map(({ file }) => `build/${file}`).join(' ')}`,
    '',
    `build/${name}.o: firmware/${name}.cpp $(HEADERS)`,
    '\t@mkdir -p build',
    '\t$(CXX) $(FLAGS) $(CXXFLAGS) -fPIC -c $< -o $@',
    '',
    ...all.flatMap(({ target, file, sources, top, flags, test }) => [
      `${target}: build/${file}`,
      ...(test === undefined ? [] : [`\t./build/${file} ${test}`]),
      `build/${file}: ${[...sources, top ? `build/${name}.o` : `firmware/${name}.cpp`].join(' ')} $(HEADERS)`,
      '\t@mkdir -p build',
      `\t${['$(CXX) $(FLAGS) $(CXXFLAGS)', ...flags, ...sources, ...(top ? [`build/${name}.o`] : []), '$(LDFLAGS)', '-o', '$@'].join(' ')}`,
      '',
    ]),
    `.PHONY: all ${all.map(({ target }) => target).join(' ')}`,
    '',
  ].join('\n');
}

function cmakeLists({ name }: HlsPlan, all: readonly Product[]): string {
  const lines = all.flatMap(({ file, sources, top, flags, test, about }) => {
    const shared = flags.includes('-shared');
    const target = shared ? `${name}_lib` : file;
    const files = [...sources, ...(top ? [`$<TARGET_OBJECTS:${name}_top>`] : [])].join(' ');
    return [
      `# ${about}`,
      shared ? `add_library(${target} SHARED ${files})` : `add_executable(${target} ${files})`,
      ...(shared ? [`set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name})`] : []),
      ...(flags.includes('-pthread') ? [`target_link_libraries(${target} PRIVATE Threads::Threads)`] : []),
      ...flags
        .filter((flag) => flag.startsWith('-D'))
        .map((flag) => `target_compile_definitions(${target} PRIVATE ${flag.slice(2)})`),
      ...(test === undefined
        ? []
        : [`add_test(NAME ${target} COMMAND ${target} \${CMAKE_CURRENT_SOURCE_DIR}/${test})`]),
      '',
    ];
  });
  return [
    '# Simulation with a plain C++17 compiler: cmake -B build/cmake && cmake --build build/cmake && ctest --test-dir build/cmake',
    'cmake_minimum_required(VERSION 3.13)',
    `project(${name}_firmware CXX)`,
    'set(CMAKE_CXX_STANDARD 17)',
    'set(CMAKE_CXX_STANDARD_REQUIRED ON)',
    'set(CMAKE_CXX_EXTENSIONS OFF)',
    'if(NOT CMAKE_BUILD_TYPE)',
    '  set(CMAKE_BUILD_TYPE Release)',
    'endif()',
    'find_package(Threads REQUIRED)',
    'enable_testing()',
    '',
    `add_library(${name}_top OBJECT firmware/${name}.cpp)`,
    `set_target_properties(${name}_top PROPERTIES POSITION_INDEPENDENT_CODE ON)`,
    '',
    ...lines,
  ].join('\n');
}

function hlsScript({ name, settings }: HlsPlan, testbench: boolean): string {
  const flags = '-std=c++14 -DSP_USE_AP_TYPES';
  const vivado = '-std=c++0x -DSP_USE_AP_TYPES -DSP_VIVADO_HLS';
  return [
    '# Synthesis with Vitis HLS (vitis-run from 2024.2 on) or Vivado HLS, whichever runs this script:',
    '#   vitis_hls -f build_prj.tcl        vitis-run --mode hls --tcl build_prj.tcl        vivado_hls -f build_prj.tcl',
    '# Steps are chosen by environment variables: CSIM=1 SYNTH=1 COSIM=0 EXPORT=0 VSYNTH=0 (defaults shown), and by TOP what becomes the',
    `# top: network (default), axis (wrappers/${name}_axis.cpp, AXI4-Stream) or kernel (wrappers/${name}_kernel.cpp, memory and AXI4-Lite).`,
    'proc wanted {step default} {',
    '  if {[info exists ::env($step)]} { return [expr {$::env($step) ne "0"}] }',
    '  return $default',
    '}',
    'set vitis [expr {![string match "*vivado_hls*" [info nameofexecutable]]}]',
    `set flags [expr {$vitis ? "${flags}" : "${vivado}"}]`,
    '',
    'set kind [expr {[info exists ::env(TOP)] ? $::env(TOP) : "network"}]',
    'if {[lsearch {network axis kernel} $kind] < 0} { error "TOP=$kind: choose network, axis or kernel" }',
    `set top [expr {$kind eq "network" ? "${name}" : "${name}_$kind"}]`,
    `open_project -reset \${top}_prj`,
    'set_top $top',
    `add_files firmware/${name}.cpp -cflags $flags`,
    'if {$kind ne "network"} {',
    `  add_files wrappers/\${top}.cpp -cflags $flags`,
    ...(testbench
      ? [
          // The testbench of the wrappers calls both of them.
          `  add_files -tb wrappers/${name}_[expr {$kind eq "axis" ? "kernel" : "axis"}].cpp -cflags $flags`,
          `  add_files -tb wrappers/${name}_axi_test.cpp -cflags $flags`,
        ]
      : []),
    '}',
    ...(testbench
      ? [`if {$kind eq "network"} { add_files -tb ${name}_test.cpp -cflags $flags }`, 'add_files -tb tb_data']
      : []),
    'if {$vitis} {',
    '  open_solution -reset solution1 -flow_target [expr {$kind eq "kernel" ? "vitis" : "vivado"}]',
    '} else {',
    '  open_solution -reset solution1',
    '}',
    '# Arrays of this many elements may be partitioned completely (checkPlan counts with it).',
    'if {!$vitis} { config_array_partition -maximum_size 4096 }',
    `set_part {${settings.part}}`,
    `create_clock -period ${settings.clockPeriod} -name default`,
    `set_clock_uncertainty ${settings.clockUncertainty}% default`,
    '',
    '# Each step says when it begins.',
    'set steps {}',
    `foreach {step default} {${testbench ? 'CSIM 1 ' : ''}SYNTH 1${testbench ? ' COSIM 0' : ''} EXPORT 0 VSYNTH 0} {`,
    '  if {[wanted $step $default]} { lappend steps $step }',
    '}',
    'set number 0',
    'proc next_step {step text} {',
    '  global steps number',
    '  if {[lsearch $steps $step] < 0} { return 0 }',
    '  incr number',
    '  puts "sp-hls: step $number of [llength $steps]: $text"',
    '  flush stdout',
    '  return 1',
    '}',
    'if {[next_step CSIM "C simulation"]} { csim_design }',
    'if {[next_step SYNTH "C synthesis"]} { csynth_design }',
    'if {[next_step COSIM "simulation of the RTL"]} { cosim_design }',
    'if {[next_step EXPORT "packaging"]} {',
    '  export_design -format [expr {$vitis && $kind eq "kernel" ? "xo" : "ip_catalog"}]',
    '}',
    'if {[next_step VSYNTH "logic synthesis"]} {',
    `  set prefix [expr {$kind eq "network" ? "" : "\${top}_"}]`,
    `  set script [open vivado_synth.tcl w]`,
    `  puts $script "add_files [glob \${top}_prj/solution1/syn/verilog/*.v]"`,
    `  puts $script "synth_design -top $top -part ${settings.part} -mode out_of_context"`,
    `  puts $script "create_clock -period ${settings.clockPeriod} \\[get_ports ap_clk\\]"`,
    '  puts $script "opt_design"',
    `  puts $script "report_utilization -file \${prefix}vivado_synth.rpt"`,
    `  puts $script "report_timing_summary -file \${prefix}vivado_timing.rpt"`,
    '  close $script',
    '  exec vivado -mode batch -source vivado_synth.tcl >@ stdout',
    '}',
    'exit',
    '',
  ].join('\n');
}
