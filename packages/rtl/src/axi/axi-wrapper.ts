/**
 * The design behind two AXI4-Streams. The design itself never waits, so the wrapper counts: an image starts only when all of it is there, the interval has passed, and a
 * place for its result is free. Register slices at both ends cut the paths of the ready signals.
 */
import { ceilLog2 } from '@sp/quant/numeric';
import type { RtlPlan } from '../plan/plan-rtl.ts';
import { type PortSlice, portSlices } from '../vectors/port-words.ts';
import type { AxiShape } from './axi-shape.ts';

/** The wrapper in Verilog-2001. */
export function axiWrapper(plan: RtlPlan, shape: AxiShape): string {
  const top = plan.design.modules[plan.design.modules.length - 1].name;
  const { inputs, outputs } = portSlices(plan);
  const { name, skid, beats, phases, partBits, resultBits, inWidth, outWidth, depth } = shape;
  const connection = (bus: string, { port, offset, width }: PortSlice): string =>
    `    .${port}(${bus}[${offset + width - 1}:${offset}])`;
  const connections = [
    ...inputs.map((slice) => connection('part', slice)),
    '    .valid(valid)',
    ...outputs.map((slice) => connection('result', slice)),
  ];
  const what =
    beats === phases
      ? `${beats === 1 ? 'one beat' : `${beats} beats, one per part`}, part bits in the lowest bits`
      : `one beat, part 0 in the lowest bits`;
  return `// ${top} behind AXI4-Streams: an image is ${what};
// a result is one beat, its ports in the order of design.json from the lowest bit on. tlast marks the last beat of an image.
// An image whose tlast comes too early or too late is dropped and frame_error stays set until reset.
module ${name} (
  input wire aclk,
  input wire aresetn,
  input wire s_axis_tvalid,
  output wire s_axis_tready,
  input wire [${inWidth - 1}:0] s_axis_tdata,
  input wire s_axis_tlast,
  output wire m_axis_tvalid,
  input wire m_axis_tready,
  output wire [${outWidth - 1}:0] m_axis_tdata,
  output wire m_axis_tlast,
  output reg frame_error
);
  localparam BEATS = ${beats}, PHASES = ${phases}, INTERVAL = ${plan.options.interval}, DEPTH = ${depth};
  reg rst;
  always @(posedge aclk) rst <= !aresetn;

  // Beats in.
  wire in_valid;
  wire in_last;
  wire in_ready;
  wire [${inWidth - 1}:0] in_data;
  wire can_take;
  assign s_axis_tready = can_take && !rst;
  ${skid} #(.WIDTH(${inWidth + 1})) slice_in (
    .clk(aclk),
    .rst(rst),
    .s_valid(s_axis_tvalid && !rst),
    .s_ready(can_take),
    .s_data({s_axis_tlast, s_axis_tdata}),
    .m_valid(in_valid),
    .m_ready(in_ready),
    .m_data({in_last, in_data})
  );

  // Two images: one is written while the other is read.
  reg [${partBits * (phases / beats) - 1}:0] store [0:${2 * beats - 1}];
  reg [1:0] full;
  reg writing;
  reg reading;
  reg skipping;
  reg [${bitsFor(beats) - 1}:0] beat;
  wire take = in_valid && in_ready;
  wire last_beat = beat == BEATS - 1;
  wire stored = take && !skipping && in_last && last_beat;
  assign in_ready = !full[writing];

  // An image starts.
  reg [${bitsFor(plan.options.interval) - 1}:0] pause;
  reg [${bitsFor(depth + 1) - 1}:0] room;
  reg [${bitsFor(phases) - 1}:0] phase;
  wire start = full[reading] && pause == 0 && room != 0;
  wire feeding = start || phase != 0;
  wire fed = feeding && phase == PHASES - 1;
  wire given;
  reg go;
  reg [${partBits - 1}:0] part;
${
  beats === phases
    ? `  wire [${bitsFor(2 * beats) - 1}:0] write_at = (writing ? BEATS : 0) + beat;
  wire [${bitsFor(2 * beats) - 1}:0] read_at = (reading ? BEATS : 0) + phase;
  always @(posedge aclk) begin
    if (take) store[write_at] <= in_data[${partBits - 1}:0];
    part <= store[read_at];
  end`
    : `  reg [${partBits * phases - 1}:0] parts;
  wire [${partBits * phases - 1}:0] now = phase == 0 ? store[reading] : parts;
  always @(posedge aclk) begin
    if (take) store[writing] <= in_data[${partBits * phases - 1}:0];
    part <= now[${partBits - 1}:0];
    parts <= now >> ${partBits};
  end`
}
  always @(posedge aclk) begin
    if (take) begin
      beat <= in_last || last_beat ? 0 : beat + 1;
      skipping <= !in_last && (skipping || last_beat);
      if (!skipping && in_last != last_beat) frame_error <= 1'b1;
    end
    if (stored) begin
      full[writing] <= 1'b1;
      writing <= !writing;
    end
    if (fed) begin
      full[reading] <= 1'b0;
      reading <= !reading;
    end
    if (feeding) phase <= fed ? 0 : phase + 1;
    pause <= start ? INTERVAL - 1 : pause == 0 ? 0 : pause - 1;
    room <= room - (start ? 1 : 0) + (given ? 1 : 0);
    go <= start;
    if (rst) begin
      frame_error <= 1'b0;
      full <= 2'b00;
      writing <= 1'b0;
      reading <= 1'b0;
      skipping <= 1'b0;
      beat <= 0;
      phase <= 0;
      pause <= 0;
      room <= DEPTH;
      go <= 1'b0;
    end
  end

  wire valid;
  wire [${resultBits - 1}:0] result;
${outputs.length === 0 ? `  assign result = 1'b0;\n` : ''}  ${top} core (
    .clk(aclk),
    .rst(rst),
    .go(go),
${connections.join(',\n')}
  );

  // Results wait here for the receiver; there is room for all that are on their way.
  reg [${resultBits - 1}:0] results [0:DEPTH - 1];
  reg [${bitsFor(depth) - 1}:0] put_at;
  reg [${bitsFor(depth) - 1}:0] give_at;
  reg [${bitsFor(depth + 1) - 1}:0] waiting;
  wire out_ready;
  assign given = waiting != 0 && out_ready;
  always @(posedge aclk) begin
    if (valid) begin
      results[put_at] <= result;
      put_at <= put_at == DEPTH - 1 ? 0 : put_at + 1;
    end
    if (given) give_at <= give_at == DEPTH - 1 ? 0 : give_at + 1;
    waiting <= waiting + (valid ? 1 : 0) - (given ? 1 : 0);
    if (rst) begin
      put_at <= 0;
      give_at <= 0;
      waiting <= 0;
    end
  end
  wire [${resultBits - 1}:0] out_data;
  ${skid} #(.WIDTH(${resultBits})) slice_out (
    .clk(aclk),
    .rst(rst),
    .s_valid(waiting != 0),
    .s_ready(out_ready),
    .s_data(results[give_at]),
    .m_valid(m_axis_tvalid),
    .m_ready(m_axis_tready),
    .m_data(out_data)
  );
  assign m_axis_tdata = ${outWidth === resultBits ? 'out_data' : `{${outWidth - resultBits}'d0, out_data}`};
  assign m_axis_tlast = 1'b1;
endmodule
`;
}

/** Bits of a counter with this many values. */
function bitsFor(values: number): number {
  return Math.max(1, ceilLog2(values));
}
