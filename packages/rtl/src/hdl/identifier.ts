/** Words that Verilog-2001 and SystemVerilog tools read as keywords, among those that network and signal names are likely to be. */
const RESERVED = new Set(
  (
    'always and assign automatic begin bit buf byte case casex casez cell class clocking config const constraint context cover default deassign ' +
    'design disable do edge else end endcase endfunction endmodule enum event expect export extends extern final first_match for force forever fork ' +
    'function generate genvar global highz0 highz1 if iff ifnone import incdir include initial inout input inside instance int integer interface join ' +
    'large let liblist library local localparam logic longint macromodule matches medium modport module nand negedge new nmos nor noshowcancelled not ' +
    'null or output package packed parameter pmos posedge primitive priority program property protected pull0 pull1 pulldown pullup pure rand randc real ' +
    'realtime ref reg release repeat restrict return rnmos rpmos rtran scalared sequence shortint shortreal showcancelled signed small solve specify ' +
    'specparam static string strong strong0 strong1 struct super supply0 supply1 table tagged task this throughout time timeprecision timeunit tran tri ' +
    'tri0 tri1 triand trior trireg type typedef union unique unsigned use uwire var vectored virtual void wait wand weak while wire with within wor xnor xor ' +
    'clk rst go'
  ).split(' '),
);

/** A legal Verilog identifier that reads like `name`. */
export function identifier(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=[^A-Za-z])/, 'n_');
  return RESERVED.has(plain.toLowerCase()) ? `${plain}_` : plain;
}
