/**
 * A register slice for a stream: one word per clock, and no path from the ready of one side to that of the other. The second register takes the word that
 * is on its way when the other side stops.
 */
export function skidBuffer(name: string): string {
  return `// Register slice: a word per clock, every output from a register.
module ${name} #(
  parameter WIDTH = 8
) (
  input wire clk,
  input wire rst,
  input wire s_valid,
  output wire s_ready,
  input wire [WIDTH-1:0] s_data,
  output wire m_valid,
  input wire m_ready,
  output wire [WIDTH-1:0] m_data
);
  reg full;
  reg spare_full;
  reg [WIDTH-1:0] data;
  reg [WIDTH-1:0] spare;
  assign s_ready = !spare_full;
  assign m_valid = full;
  assign m_data = data;
  always @(posedge clk) begin
    if (!full || m_ready) begin
      full <= spare_full || s_valid;
      data <= spare_full ? spare : s_data;
      spare_full <= 1'b0;
    end else if (s_valid && s_ready) begin
      spare <= s_data;
      spare_full <= 1'b1;
    end
    if (rst) begin
      full <= 1'b0;
      spare_full <= 1'b0;
    end
  end
endmodule
`;
}
