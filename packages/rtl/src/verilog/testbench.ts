/** A self-checking testbench in Verilog-2001: sends images, with an idle clock now and then, and checks every output bit and every clock. */
import { interpret, type Value } from '@sp/quant';
import type { RtlModule } from '../hdl/cell.ts';
import type { RtlPlan } from '../plan/plan-rtl.ts';
import type { TestImages } from '../vectors/test-images.ts';

/** The files of a testbench. */
export interface Testbench {
  readonly verilog: string;
  /** One word of input bits per clock that an image takes, in hexadecimal. */
  readonly stimulus: string;
  /** One word of output bits per image. */
  readonly expected: string;
}

/**
 * Testbench of a design for some images. Expected results come from the interpreter.
 *
 * @param folder where the simulator finds `stimulus.hex` and `expected.hex`, relative to where it runs
 */
export function testbench(plan: RtlPlan, images: TestImages, folder: string): Testbench {
  const { design, latency, options, inputs } = plan;
  const top = design.modules[design.modules.length - 1];
  const { outputs } = interpret(plan.source, images, { inputs: 'codes' });
  const phases = Math.max(1, ...inputs.flatMap(({ fields }) => fields.map(({ elements }) => elements.length)));
  const inBits = Math.max(
    1,
    inputs.reduce((sum, { width }) => sum + width, 0),
  );
  const results = resultPorts(plan, top);
  const outBits = Math.max(
    1,
    results.reduce((sum, { width }) => sum + width, 0),
  );
  const batch = Object.values(outputs)[0].batch;
  const stimulus = stimulusWords(plan, images, batch, phases, inBits);
  const expected = Array.from({ length: batch }, (_, b) => {
    let word = 0n;
    let offset = 0n;
    for (const { output, index, width } of results) {
      word |= BigInt.asUintN(width, numberAt(outputs[output], b, index)) << offset;
      offset += BigInt(width);
    }
    return hex(word, outBits);
  });
  let inOffset = 0;
  const inConnections = inputs.map(({ name, width }) => {
    inOffset += width;
    return `    .${name}(word[${inOffset - 1}:${inOffset - width}])`;
  });
  let outOffset = 0;
  const outConnections = results.map(({ port, width }) => {
    outOffset += width;
    return `    .${port}(result[${outOffset - 1}:${outOffset - width}])`;
  });
  const half = (options.clockPeriod / 2).toFixed(3);
  const verilog = `// Testbench of ${top.name}: ${batch} images, one every ${options.interval} clocks, with idle clocks now and then.
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
${[...inConnections, '    .valid(valid)', ...outConnections].join(',\n')}
  );
${results.length === 0 ? `  assign result = 1'b0;\n` : ''}
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
  return { verilog, stimulus: `${stimulus.join('\n')}\n`, expected: `${expected.join('\n')}\n` };
}

/** Output ports in the order of the result word, and which number each is. */
function resultPorts(
  { outputs }: RtlPlan,
  { cells, outputs: ports }: RtlModule,
): { output: string; index: number; port: string; width: number }[] {
  return outputs.flatMap(({ name, ports: own }) =>
    own.flatMap((port, index) => {
      if (typeof port !== 'string') return [];
      return [{ output: name, index, port, width: cells[ports.find((other) => other.name === port)!.cell].width }];
    }),
  );
}

/** Number `index` of a value: element; or valid, row, column, codes of the slots in turn. */
function numberAt(value: Value, b: number, index: number): bigint {
  if (value.kind === 'dense') return BigInt(value.codes[b * (value.codes.length / value.batch) + index]);
  const channels = value.shape[2];
  const slot = b * value.slots + Math.floor(index / (3 + channels));
  const part = index % (3 + channels);
  const lists = [value.valid, value.rows, value.cols];
  return BigInt(part < 3 ? lists[part][slot] : value.codes[slot * channels + part - 3]);
}

function stimulusWords(
  { inputs, graph }: RtlPlan,
  images: TestImages,
  batch: number,
  phases: number,
  bits: number,
): string[] {
  const sizes = new Map(graph.nodes.map(({ name, shape }) => [name, shape.reduce((product, n) => product * n, 1)]));
  const words: string[] = [];
  for (let b = 0; b < batch; b++) {
    for (let phase = 0; phase < phases; phase++) {
      let word = 0n;
      let offset = 0n;
      for (const { input, width, fields } of inputs) {
        let bus = 0n;
        for (const field of fields) {
          const element = field.elements[phase] ?? -1;
          const code = element < 0 ? -1n : images[input][b * sizes.get(input)! + element];
          bus |= BigInt.asUintN(field.width, code) << BigInt(field.offset);
        }
        word |= bus << offset;
        offset += BigInt(width);
      }
      words.push(hex(word, bits));
    }
  }
  return words;
}

function hex(word: bigint, bits: number): string {
  return word.toString(16).padStart(Math.ceil(bits / 4), '0');
}
