/**
 * A self-checking testbench of the stream wrapper in Verilog-2001: at full speed first, then with random pauses of sender and receiver, then with broken images in between.
 */
import type { PortWords } from '../vectors/port-words.ts';
import type { AxiShape } from './axi-shape.ts';

/** Images at full speed, and in each of the four combinations of pauses that follow. */
const RUN = 12;

/**
 * The testbench. Every word of every result is checked, and that a waiting word stays; results at full speed come every `interval` clocks.
 *
 * @param folder where the simulator finds `stimulus.hex` and `expected.hex`, relative to where it runs
 */
export function axiTestbench(shape: AxiShape, words: PortWords, interval: number, folder: string): string {
  const { name, beats, phases, partBits, resultBits, inWidth, outWidth } = shape;
  const { batch } = words;
  const frames = batch * Math.max(1, Math.ceil((5 * RUN) / batch));
  const padding = (bits: number, width: number, text: string): string =>
    bits === width ? text : `{${width - bits}'d0, ${text}}`;
  const part = (p: string): string => `stimulus[(frame % IMAGES) * PHASES + ${p}]`;
  const data =
    beats === phases
      ? padding(partBits, inWidth, part('beat % PHASES'))
      : padding(
          partBits * phases,
          inWidth,
          `{${Array.from({ length: phases }, (_, p) => part(`${phases - 1 - p}`)).join(', ')}}`,
        );
  return `// Testbench of ${name}: ${frames} images, ${RUN} of them at full speed, then with random pauses of sender, receiver or both; then
// images with too many and too few beats, which are to be dropped, and one more. Prints PASS or FAIL as its last line.
\`timescale 1ns / 1ps
module ${name}_tb;
  localparam IMAGES = ${batch}, FRAMES = ${frames}, PHASES = ${phases}, BEATS = ${beats}, INTERVAL = ${interval}, RUN = ${RUN};
  // Behind the frames: one that is too long, one that is too short (if there is such a thing), a good one.
  localparam LONG = FRAMES, SHORT = BEATS > 1 ? FRAMES + 1 : -1, LAST = BEATS > 1 ? FRAMES + 2 : FRAMES + 1;
  reg aclk = 0;
  reg aresetn = 0;
  reg [${partBits - 1}:0] stimulus [0:IMAGES * PHASES - 1];
  reg [${resultBits - 1}:0] expected [0:IMAGES - 1];
  reg s_valid = 0;
  wire s_ready;
  reg [${inWidth - 1}:0] s_data = 0;
  reg s_last = 0;
  wire m_valid;
  reg m_ready = 0;
  wire [${outWidth - 1}:0] m_data;
  wire m_last;
  wire frame_error;
  reg waited = 0;
  reg [${outWidth - 1}:0] held;
  integer clock, frame, beat, length, received, errors, last, idle, stop, seed, image;

  ${name} dut (
    .aclk(aclk),
    .aresetn(aresetn),
    .s_axis_tvalid(s_valid),
    .s_axis_tready(s_ready),
    .s_axis_tdata(s_data),
    .s_axis_tlast(s_last),
    .m_axis_tvalid(m_valid),
    .m_axis_tready(m_ready),
    .m_axis_tdata(m_data),
    .m_axis_tlast(m_last),
    .frame_error(frame_error)
  );

  always #2.5 aclk = ~aclk;

  // Whether somebody acts in a clock: 0 always, else with that many chances in 8; now and then a long pause.
  function acts(input integer chances);
    begin
      if (chances == 0) acts = 1;
      else if (idle > 0) begin
        idle = idle - 1;
        acts = 0;
      end else begin
        if ($random(seed) % 64 == 0) idle = 40;
        acts = ($random(seed) & 7) < chances;
      end
    end
  endfunction

  initial begin
    $readmemh("${folder}stimulus.hex", stimulus);
    $readmemh("${folder}expected.hex", expected);
    clock = 0;
    frame = 0;
    beat = 0;
    received = 0;
    errors = 0;
    last = -1;
    idle = 0;
    stop = ${4 * shape.depth * interval + 100};
    seed = 1;
  end

  always @(posedge aclk) begin
    clock = clock + 1;
    aresetn <= clock > 4;
    if (!aresetn) m_ready <= 1'b0;
    else begin
      // Sender: pauses in runs 1 and 3.
      if (!s_valid || s_ready) begin
        length = frame == LONG ? BEATS + 2 : frame == SHORT ? 1 : BEATS;
        if (frame <= LAST && acts(frame < RUN || frame / RUN % 2 == 0 ? 0 : 3)) begin
          s_valid <= 1'b1;
          s_data <= ${data};
          s_last <= beat == length - 1;
          if (beat == length - 1) begin
            beat = 0;
            frame = frame + 1;
          end else beat = beat + 1;
        end else s_valid <= 1'b0;
      end
      // Receiver: pauses in runs 2 and 3, the first so long that everything fills up.
      if (received == 2 * RUN && stop > 0) begin
        stop = stop - 1;
        m_ready <= 1'b0;
      end else m_ready <= acts(received < RUN || received / RUN % 4 < 2 ? 0 : 2);
      if (waited && !(m_valid === 1'b1 && m_data === held)) begin
        errors = errors + 1;
        if (errors <= 10) $display("clock %0d: a waiting result changes", clock);
      end
      if (m_valid === 1'b1 && m_ready) begin
        image = received < FRAMES ? received % IMAGES : LAST % IMAGES;
        if (m_data !== ${padding(resultBits, outWidth, 'expected[image]')} || m_last !== 1'b1) begin
          errors = errors + 1;
          if (errors <= 10) $display("result %0d: %h instead of %h", received, m_data, expected[image]);
        end
        if (received > 0 && received < RUN && clock - last != INTERVAL) begin
          errors = errors + 1;
          if (errors <= 10) $display("result %0d: %0d clocks behind the one before instead of %0d", received, clock - last, INTERVAL);
        end
        if (frame < FRAMES && frame_error !== 1'b0) errors = errors + 1;
        last = clock;
        received = received + 1;
      end
      waited <= m_valid === 1'b1 && !m_ready;
      held <= m_data;
      if (m_valid === 1'bx || s_ready === 1'bx) errors = errors + 1;
      if (received > FRAMES + 1 || errors > 20 || clock > ${4 * shape.depth * interval + 1000} + 16 * FRAMES * (BEATS + INTERVAL)) begin
        $display("%0d results instead of %0d", received, FRAMES + 1);
        $display("FAIL");
        $finish;
      end
      if (received == FRAMES + 1 && clock > last + 200) begin
        if (frame_error !== 1'b1) errors = errors + 1;
        $display("%0d images, %0d results, %0d clocks, %0d errors", FRAMES + 1, received, last, errors);
        if (errors == 0) $display("PASS");
        else $display("FAIL");
        $finish;
      end
    end
  end
endmodule
`;
}
