/** A self-checking testbench in Verilog-2001: sends images, with an idle clock now and then, and checks every output bit and every clock. */
import type { RtlPlan } from '../plan/plan-rtl.ts';
import type { PortSlice, PortWords } from '../vectors/port-words.ts';

/**
 * Testbench of a design for some images.
 *
 * @param folder where the simulator finds `stimulus.hex` and `expected.hex`, relative to where it runs
 */
export function testbench({ design, latency, options }: RtlPlan, words: PortWords, folder: string): string {
  const top = design.modules[design.modules.length - 1];
  const { phases, batch, inBits, outBits, inputs, outputs } = words;
  const connection = (bus: string, { port, offset, width }: PortSlice): string =>
    `    .${port}(${bus}[${offset + width - 1}:${offset}])`;
  const connections = [
    ...inputs.map((slice) => connection('word', slice)),
    '    .valid(valid)',
    ...outputs.map((slice) => connection('result', slice)),
  ];
  const half = (options.clockPeriod / 2).toFixed(3);
  return `// Testbench of ${top.name}: ${batch} images, one every ${options.interval} clocks, with idle clocks now and then.
// Prints PASS or FAIL as its last line.
\`timescale 1ns / 1ps
module ${top.name}_tb;
  localparam IMAGES = ${batch}, PHASES = ${phases}, INTERVAL = ${options.interval}, LATENCY = ${latency};
  reg clk = 0;
  reg rst = 1;
  reg go = 0;
  reg [${inBits - 1}:0] stimulus [0:IMAGES * PHASES - 1];
  reg [${outBits - 1}:0] expected [0:IMAGES - 1];
  reg [${inBits - 1}:0] word = {${inBits}{1'b1}};
  wire [${outBits - 1}:0] result;
  wire valid;
  integer started [0:IMAGES - 1];
  integer clock, phase, sent, next, entered, received, errors, last, fastest;

  ${top.name} dut (
    .clk(clk),
    .rst(rst),
    .go(go),
${connections.join(',\n')}
  );
${outputs.length === 0 ? `  assign result = 1'b0;\n` : ''}
  always #${half} clk = ~clk;

  initial begin
    $readmemh("${folder}stimulus.hex", stimulus);
    $readmemh("${folder}expected.hex", expected);
    clock = 0;
    phase = PHASES;
    sent = 0;
    next = 8;
    entered = 0;
    received = 0;
    errors = 0;
    last = -1;
    fastest = -1;
  end

  // Inputs change after the clock edge, as from a register; without an image they are all ones.
  always @(posedge clk) begin
    clock <= clock + 1;
    rst <= clock < 3;
    go <= 1'b0;
    word <= {${inBits}{1'b1}};
    if (clock >= next && sent < IMAGES) begin
      go <= 1'b1;
      word <= stimulus[sent * PHASES];
      phase <= 1;
      sent <= sent + 1;
      next <= clock + INTERVAL + (sent % 5 == 4 ? 3 : 0);
    end else if (phase < PHASES) begin
      word <= stimulus[(sent - 1) * PHASES + phase];
      phase <= phase + 1;
    end
    if (go) begin
      started[entered] = clock;
      entered = entered + 1;
    end
    if (valid === 1'b1) begin
      if (received >= IMAGES) errors = errors + 1;
      else begin
        if (result !== expected[received]) begin
          errors = errors + 1;
          if (errors <= 10) $display("image %0d: %h instead of %h", received, result, expected[received]);
        end
        if (clock - started[received] !== LATENCY) begin
          errors = errors + 1;
          if (errors <= 10) $display("image %0d: %0d clocks instead of %0d", received, clock - started[received], LATENCY);
        end
        if (last >= 0 && (fastest < 0 || clock - last < fastest)) fastest = clock - last;
        last = clock;
      end
      received = received + 1;
    end else if (valid !== 1'b0 && clock > LATENCY + 16) errors = errors + 1;
    if (clock == 8 + IMAGES * (INTERVAL + 1) + LATENCY + 64) begin
      if (received !== IMAGES) errors = errors + 1;
      $display("%0d images, %0d results, latency %0d, interval %0d, %0d errors", IMAGES, received, LATENCY, fastest, errors);
      if (errors == 0) $display("PASS");
      else $display("FAIL");
      $finish;
    end
  end
endmodule
`;
}
