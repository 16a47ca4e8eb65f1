/**
 * What yosys is told: the passes of `synth_xilinx -family xcup -nodsp -nowidelut -nobram -nolutram`, less those that find nothing in such designs (finite state machines,
 * memories, repeated simplification of what is simple), with our own small files for the cells. Reading all of Xilinx' cells and the general technology map takes
 * yosys ten seconds a block.
 *
 * Two things differ. Additions become carry chains as they are written: `alumacc` would join neighbours into compressor trees of LUTs, which are larger here, since
 * adder graphs share partial sums. And every LUT costs the same, since we count LUTs: `synth_xilinx` prefers two LUTs of two inputs to one of six, hoping that they will
 * share a place, which gives 15 % more of them.
 */

/** Maps the gates in `logic.blif` to LUTs; leaves them in `mapped.blif`. */
export const LOGIC_SCRIPT = 'read_blif logic.blif\nabc -lut 6 -fast\nwrite_blif mapped.blif\n';

/** The cells that a block is mapped to, as black boxes. */
export const CELLS = `
module LUT1(output O, input I0); parameter [1:0] INIT = 0; endmodule
module LUT2(output O, input I0, I1); parameter [3:0] INIT = 0; endmodule
module LUT3(output O, input I0, I1, I2); parameter [7:0] INIT = 0; endmodule
module LUT4(output O, input I0, I1, I2, I3); parameter [15:0] INIT = 0; endmodule
module LUT5(output O, input I0, I1, I2, I3, I4); parameter [31:0] INIT = 0; endmodule
module LUT6(output O, input I0, I1, I2, I3, I4, I5); parameter [63:0] INIT = 0; endmodule
module INV(output O, input I); endmodule
module CARRY4(output [3:0] CO, O, input CI, CYINIT, input [3:0] DI, S); endmodule
module FDRE(output Q, input C, CE, D, R); parameter [0:0] INIT = 0; endmodule
module FDSE(output Q, input C, CE, D, S); parameter [0:0] INIT = 1; endmodule
module SRL16E(output Q, input A0, A1, A2, A3, CE, CLK, D); parameter [15:0] INIT = 0; endmodule
module SRLC32E(output Q, Q31, input [4:0] A, input CE, CLK, D); parameter [31:0] INIT = 0; endmodule
module SP_DSP(output [47:0] P, input [47:0] A, B); parameter A_SIGNED = 0, B_SIGNED = 0; endmodule
`;

const HEAD = `  parameter A_SIGNED = 0, B_SIGNED = 0, A_WIDTH = 1, B_WIDTH = 1, Y_WIDTH = 1;
  (* force_downto *) input [A_WIDTH-1:0] A;
  (* force_downto *) input [B_WIDTH-1:0] B;
  (* force_downto *) output [Y_WIDTH-1:0] Y;`;

const sumAsAlu = (op: string, bit: number): string => `module \\$${op} (A, B, Y);
${HEAD}
  wire [Y_WIDTH-1:0] x, co;
  \\$alu #(.A_SIGNED(A_SIGNED), .B_SIGNED(B_SIGNED), .A_WIDTH(A_WIDTH), .B_WIDTH(B_WIDTH), .Y_WIDTH(Y_WIDTH))
    _TECHMAP_REPLACE_ (.A(A), .B(B), .CI(1'b${bit}), .BI(1'b${bit}), .X(x), .Y(Y), .CO(co));
endmodule
`;

/** Every addition and subtraction is one carry chain. */
export const SUMS: string = sumAsAlu('add', 0) + sumAsAlu('sub', 1);

/** A product is one DSP block if its operands fit one, which \`dspsOf\` checks; yosys never sees its inside. */
export const PRODUCTS: string = `module \\$mul (A, B, Y);
${HEAD}
  wire [47:0] p, a, b;
  \\$pos #(.A_SIGNED(A_SIGNED), .A_WIDTH(A_WIDTH), .Y_WIDTH(48)) pa (.A(A), .Y(a));
  \\$pos #(.A_SIGNED(B_SIGNED), .A_WIDTH(B_WIDTH), .Y_WIDTH(48)) pb (.A(B), .Y(b));
  SP_DSP #(.A_SIGNED(A_SIGNED), .B_SIGNED(B_SIGNED)) dsp (.P(p), .A(a), .B(b));
  assign Y = p[Y_WIDTH-1:0];
endmodule
`;

const chain = (sum: string): string => `      localparam N = (W + 3) / 4;
      wire [4*N-1:0] s = ${sum}, c, o;
      assign CO = c;
      for (i = 0; i < N; i = i + 1) begin : slice
        if (i == 0) CARRY4 carry (.CYINIT(CI), .CI(1'b0), .DI(d[3:0]), .S(s[3:0]), .O(o[3:0]), .CO(c[3:0]));
        else CARRY4 carry (.CYINIT(1'b0), .CI(c[4*i-1]), .DI(d[4*i +: 4]), .S(s[4*i +: 4]), .O(o[4*i +: 4]), .CO(c[4*i +: 4]));
      end`;

/** Carry chains; up to two bits are cheaper in LUTs. */
export const CHAINS: string = `(* techmap_celltype = "$alu" *)
module sp_alu (A, B, CI, BI, X, Y, CO);
  parameter A_SIGNED = 0, B_SIGNED = 0, A_WIDTH = 1, B_WIDTH = 1, Y_WIDTH = 1;
  localparam W = Y_WIDTH;
  (* force_downto *) input [A_WIDTH-1:0] A;
  (* force_downto *) input [B_WIDTH-1:0] B;
  (* force_downto *) output [W-1:0] X, Y, CO;
  input CI, BI;
  wire [W-1:0] a, b0;
  \\$pos #(.A_SIGNED(A_SIGNED), .A_WIDTH(A_WIDTH), .Y_WIDTH(W)) pa (.A(A), .Y(a));
  \\$pos #(.A_SIGNED(B_SIGNED), .A_WIDTH(B_WIDTH), .Y_WIDTH(W)) pb (.A(B), .Y(b0));
  wire [W-1:0] b = BI ? ~b0 : b0;
  assign X = a ^ b;
  genvar i;
  generate
    if (W <= 2) begin : short
      wire [W:0] c;
      assign c[0] = CI;
      for (i = 0; i < W; i = i + 1) begin : each
        assign c[i+1] = (a[i] & b[i]) | (X[i] & c[i]);
        assign Y[i] = X[i] ^ c[i];
      end
      assign CO = c[W:1];
    end else begin : long
      wire [4*((W + 3) / 4)-1:0] d = a;
${chain('X')}
      assign Y = o;
    end
  endgenerate
endmodule
(* techmap_celltype = "$lcu" *)
module sp_lcu (P, G, CI, CO);
  parameter WIDTH = 1;
  localparam W = WIDTH;
  (* force_downto *) input [W-1:0] P, G;
  input CI;
  (* force_downto *) output [W-1:0] CO;
  genvar i;
  generate
    if (W <= 2) begin : short
      wire [W:0] c;
      assign c[0] = CI;
      for (i = 0; i < W; i = i + 1) begin : each
        assign c[i+1] = G[i] | (P[i] & c[i]);
      end
      assign CO = c[W:1];
    end else begin : long
      wire [4*((W + 3) / 4)-1:0] d = G;
${chain('P & ~G')}
    end
  endgenerate
endmodule
`;

/** Registers. */
export const REGISTERS = `module \\$_DFF_P_ (input D, C, output Q);
  FDRE _TECHMAP_REPLACE_ (.D(D), .Q(Q), .C(C), .CE(1'b1), .R(1'b0));
endmodule
module \\$_DFFE_PP_ (input D, C, E, output Q);
  FDRE _TECHMAP_REPLACE_ (.D(D), .Q(Q), .C(C), .CE(E), .R(1'b0));
endmodule
module \\$_SDFFE_PP0P_ (input D, C, E, R, output Q);
  FDRE _TECHMAP_REPLACE_ (.D(D), .Q(Q), .C(C), .CE(E), .R(R));
endmodule
module \\$_SDFFE_PP1P_ (input D, C, E, R, output Q);
  FDSE _TECHMAP_REPLACE_ (.D(D), .Q(Q), .C(C), .CE(E), .S(R));
endmodule
`;

const luts = [2, 3, 4, 5, 6].map((width) => {
  const ports = Array.from({ length: width }, (_, j) => `.I${j}(A[${j}])`).join(', ');
  return `    else if (WIDTH == ${width}) LUT${width} #(.INIT(LUT)) _TECHMAP_REPLACE_ (.O(Y), ${ports});`;
});

/** LUTs and shift registers. */
export const LUTS: string = `module \\$lut (A, Y);
  parameter WIDTH = 1;
  parameter LUT = 0;
  (* force_downto *) input [WIDTH-1:0] A;
  output Y;
  generate
    if (WIDTH == 1) begin
      if (LUT == 2'b01) INV _TECHMAP_REPLACE_ (.O(Y), .I(A[0]));
      else LUT1 #(.INIT(LUT)) _TECHMAP_REPLACE_ (.O(Y), .I0(A[0]));
    end
${luts.join('\n')}
  endgenerate
endmodule
module \\$__XILINX_SHREG_ (input C, D, E, input [31:0] L, output Q, SO);
  parameter DEPTH = 0;
  parameter INIT = 0;
  parameter CLKPOL = 1;
  parameter ENPOL = 2;
  wire ce = ENPOL == 2 ? 1'b1 : E;
  wire [31:0] n = DEPTH - 1;
  generate
    if (DEPTH <= 16)
      SRL16E _TECHMAP_REPLACE_ (.A0(n[0]), .A1(n[1]), .A2(n[2]), .A3(n[3]), .CE(ce), .CLK(C), .D(D), .Q(Q));
    else if (DEPTH <= 32) SRLC32E _TECHMAP_REPLACE_ (.A(n[4:0]), .CE(ce), .CLK(C), .D(D), .Q(Q));
    else begin
      wire t, next;
      SRLC32E srl (.A(5'd31), .CE(ce), .CLK(C), .D(D), .Q31(t));
      \\$__XILINX_SHREG_ #(.DEPTH(DEPTH - 32), .CLKPOL(CLKPOL), .ENPOL(ENPOL)) rest (.C(C), .D(t), .E(E), .L(0), .Q(Q));
    end
  endgenerate
endmodule
`;

/**
 * The passes for a block in `block.v`, with the modules in it as black boxes in `inside.v`; leaves the netlist in `netlist.json`.
 *
 * @param products whether there is a product of two variables, which goes into DSP blocks (`dsp`) or LUTs
 */
export function yosysScript(top: string, { products, dsp }: { products: boolean; dsp: boolean }): string {
  // The general map, which is slow to read, turns a product into LUTs.
  const multiply = products && dsp ? ['techmap -map products.v'] : [];
  const general = `techmap ${products && !dsp ? '-map +/techmap.v ' : ''}-map chains.v`;
  return `${[
    'read_verilog -lib cells.v inside.v',
    'read_verilog block.v',
    `hierarchy -check -top ${top}`,
    'check -assert',
    'setattr -unset src *',
    'proc',
    'opt_expr',
    'opt_clean',
    'opt_dff -nodffe -nosdff',
    'wreduce',
    'opt_clean',
    'techmap -map sums.v',
    ...multiply,
    'techmap -map +/cmp2lut.v -map +/cmp2lcu.v -D LUT_WIDTH=6',
    'alumacc',
    'memory -nomap',
    'memory_map',
    'opt_expr',
    'opt_muxtree',
    'opt_dff',
    'opt_merge',
    'opt_clean',
    'pmuxtree',
    general,
    'simplemap',
    'opt_expr',
    'opt_merge',
    'dfflegalize -cell $_DFF_P_ x -cell $_DFFE_PP_ x -cell $_SDFFE_PP?P_ x',
    'opt_expr -mux_undef -noclkinv',
    'opt_clean -purge',
    'abc -lut 6 -fast',
    'opt_clean -purge',
    'xilinx_srl -fixed -minlen 3',
    'techmap -map registers.v',
    'techmap -map luts.v',
    'xilinx_dffopt',
    'opt_lut_ins -tech xilinx',
    'opt_clean -purge',
    'check -assert',
    'write_json netlist.json',
  ].join('\n')}\n`;
}
