import type { RtlPlan } from '../plan/plan-rtl.ts';

/**
 * Constraints and scripts: a clock for Vivado, a batch script that synthesises the design out of context and reports, one that makes a project and an IP of it, and
 * one for yosys.
 *
 * @param axis name of the stream wrapper
 */
export function vendorScripts({ design, options }: RtlPlan, axis: string): readonly (readonly [string, string])[] {
  const top = design.modules[design.modules.length - 1].name;
  const { clockPeriod, part } = options;
  const clock = (port: string): string => `create_clock -name ${port} -period ${clockPeriod} [get_ports ${port}]\n`;
  const vivado = `# vivado -mode batch -source vivado/synthesise.tcl -tclargs [${top} | ${axis}] [place]
# Out-of-context synthesis with reports in vivado/reports; with "place" also placement and routing.
set top [expr {[llength $argv] > 0 ? [lindex $argv 0] : "${top}"}]
set home [file normalize [file join [file dirname [info script]] ..]]
set reports [file join $home vivado reports]
file mkdir $reports
# A range that does not exist, a missing port, a latch: what synthesis only warns about is wrong here.
foreach id {{Synth 8-524} {Synth 8-693} {Synth 8-2507} {Synth 8-327} {Synth 8-3848} {Synth 8-6859}} {
  set_msg_config -id $id -new_severity ERROR
}
read_verilog [glob [file join $home rtl *.v]]
if {$top eq "${axis}"} {
  read_verilog [glob [file join $home axi *.v]]
  read_xdc [file join $home constraints ${axis}.xdc]
} else {
  read_xdc [file join $home constraints ${top}.xdc]
}
synth_design -top $top -part ${part} -mode out_of_context
write_checkpoint -force [file join $reports $top.dcp]
report_utilization -hierarchical -file [file join $reports utilization.txt]
report_timing_summary -file [file join $reports timing.txt]
if {[lindex $argv 1] eq "place"} {
  opt_design
  place_design
  phys_opt_design
  route_design
  write_checkpoint -force [file join $reports \${top}_routed.dcp]
  report_utilization -hierarchical -file [file join $reports utilization_routed.txt]
  report_timing_summary -file [file join $reports timing_routed.txt]
}
`;
  const project = `# vivado -mode batch -source vivado/project.tcl
# A project in vivado/project with the design behind AXI4-Streams, packaged as an IP in vivado/ip for a block design.
set home [file normalize [file join [file dirname [info script]] ..]]
create_project -force ${axis} [file join $home vivado project] -part ${part}
add_files [glob [file join $home rtl *.v] [file join $home axi *.v]]
add_files -fileset constrs_1 [file join $home constraints ${axis}.xdc]
# The block design brings its own clock: this one is for synthesis out of context.
set_property USED_IN {synthesis out_of_context} [get_files ${axis}.xdc]
set_property top ${axis} [current_fileset]
update_compile_order -fileset sources_1
ipx::package_project -root_dir [file join $home vivado ip] -vendor user -library user -taxonomy /UserIP -import_files
foreach port {s_axis m_axis} {
  ipx::associate_bus_interfaces -busif $port -clock aclk [ipx::current_core]
}
ipx::create_xgui_files [ipx::current_core]
ipx::update_checksums [ipx::current_core]
ipx::save_core [ipx::current_core]
`;
  const yosys = `# yosys yosys/synthesise.ys, from the folder above. The whole design at once: minutes and gigabytes for a large one.
read_verilog -defer rtl/*.v
hierarchy -check -top ${top}
synth_xilinx -family xcup -top ${top} -noiopad -noclkbuf -nowidelut
stat
`;
  return [
    [`constraints/${top}.xdc`, clock('clk')],
    [`constraints/${axis}.xdc`, clock('aclk')],
    ['vivado/synthesise.tcl', vivado],
    ['vivado/project.tcl', project],
    ['yosys/synthesise.ys', yosys],
  ];
}
