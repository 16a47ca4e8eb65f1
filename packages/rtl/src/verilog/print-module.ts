import type { Cell, RtlModule } from '../hdl/cell.ts';
import { bounds, expression, word } from './expression.ts';
import { liveCells } from './live-cells.ts';

/** Whether modules have clock and reset: what a parent must know of its children. */
export type ModuleTable = ReadonlyMap<string, RtlModule>;

/** A module as Verilog-2001. Cells that no output needs are left out. */
export function printModule(module: RtlModule, modules: ModuleTable): string {
  const { name, comment, cells } = module;
  const live = liveCells(module);
  const lines = comment.map((line) => `// ${line}`);
  lines.push(`module ${name} (`, ports(module).join(',\n'), ');');
  for (const [id, cell] of cells.entries()) if (live[id]) lines.push(...declaration(cell, cells, modules, live));
  lines.push(...registers(cells, live));
  const driven = module.outputs.map((port) => `  assign ${port.name} = ${cells[port.cell].name};`);
  lines.push(...driven, 'endmodule', '');
  return lines.join('\n');
}

/** Declarations of the ports of a module. */
function ports({ cells, inputs, outputs, go, clocked }: RtlModule): string[] {
  const type = ({ width, signed }: Cell): string => `${signed ? 'signed ' : ''}${bounds(width)}`;
  return [
    ...(clocked ? ['  input wire clk'] : []),
    ...(go === undefined ? [] : ['  input wire rst', '  input wire go']),
    ...inputs.map(({ name, cell }) => `  input wire ${type(cells[cell])}${name}`),
    ...outputs.map(({ name, cell }) => `  output wire ${type(cells[cell])}${name}`),
  ];
}

function declaration(cell: Cell, cells: readonly Cell[], modules: ModuleTable, live: readonly boolean[]): string[] {
  const type = `${cell.signed ? 'signed ' : ''}${bounds(cell.width)}`;
  switch (cell.op) {
    case 'port':
      return [];
    case 'result':
      return [];
    case 'instance':
      return instance(cell, cells, modules, live);
    case 'reg':
      return [`  reg ${type}${cell.name};`];
    case 'table':
      return table(cell, cells, type);
    default:
      return [`  wire ${type}${cell.name} = ${expression(cell, cells)};`];
  }
}

function instance(
  cell: Cell & { op: 'instance' },
  cells: readonly Cell[],
  modules: ModuleTable,
  live: readonly boolean[],
): string[] {
  const module = modules.get(cell.module)!;
  const id = cells.indexOf(cell);
  const results = cells.flatMap((other, at) =>
    other.op === 'result' && other.ins[0] === id && live[at] ? [other] : [],
  );
  const wires = results.map(
    (result) => `  wire ${result.signed ? 'signed ' : ''}${bounds(result.width)}${result.name};`,
  );
  const inputs = module.inputs.map(({ name }, j) =>
    connection(name, cells[cell.ins[j]], module.cells[module.inputs[j].cell]),
  );
  const connections = [
    ...(module.clocked ? ['.clk(clk)'] : []),
    ...(module.go === undefined ? [] : ['.rst(rst)', `.go(${cells[cell.ins[module.inputs.length]].name})`]),
    ...inputs,
    ...module.outputs.map(({ name }, port) => {
      const result = results.find((one) => one.op === 'result' && one.port === port);
      return `.${name}(${result?.name ?? ''})`;
    }),
  ];
  return [
    ...wires,
    `  ${module.name} ${cell.name} (`,
    `${connections.map((text) => `    ${text}`).join(',\n')}`,
    '  );',
  ];
}

/** An input of an instance; a wire may be narrower than the port, which has to suit all instances. */
function connection(name: string, wire: Cell, port: Cell): string {
  if (wire.op === 'const') return `.${name}(${word(wire.value, port.width)})`;
  if (wire.width === port.width) return `.${name}(${wire.name})`;
  const missing = port.width - wire.width;
  const top = wire.width === 1 ? wire.name : `${wire.name}[${wire.width - 1}]`;
  return `.${name}({${wire.signed ? `{${missing}{${top}}}` : `${missing}'d0`}, ${wire.name}})`;
}

function table(cell: Cell & { op: 'table' }, cells: readonly Cell[], type: string): string[] {
  const index = cells[cell.ins[0]];
  const count = 2 ** index.width;
  const lines = [`  reg ${type}${cell.name};`, `  always @(*)`, `    case (${index.name})`];
  for (let j = 0; j < Math.min(count, cell.values.length) - 1; j++) {
    lines.push(`      ${index.width}'d${j}: ${cell.name} = ${word(cell.values[j], cell.width)};`);
  }
  const last = cell.values[Math.min(count, cell.values.length) - 1];
  lines.push(`      default: ${cell.name} = ${word(last, cell.width)};`, '    endcase');
  return lines;
}

function registers(cells: readonly Cell[], live: readonly boolean[]): string[] {
  const regs = cells.filter((cell, id): cell is Cell & { op: 'reg' } => cell.op === 'reg' && live[id]);
  if (regs.length === 0) return [];
  const source = (cell: Cell, width: number): string => (cell.op === 'const' ? word(cell.value, width) : cell.name);
  const lines = regs.map((cell) => {
    const data = source(cells[cell.ins[0]], cell.width);
    if (cell.reset) return `    ${cell.name} <= rst ? 1'b0 : ${data};`;
    return cell.ins.length > 1
      ? `    if (${cells[cell.ins[1]].name}) ${cell.name} <= ${data};`
      : `    ${cell.name} <= ${data};`;
  });
  return ['  always @(posedge clk) begin', ...lines, '  end'];
}
