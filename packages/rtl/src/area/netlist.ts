/** A mapped block, as yosys writes it, reduced to what counting, timing and simulating need. */
import { RtlError } from '../errors.ts';

/** A net: its number, or a constant bit. Bits that nobody defines count as 0. */
export type Net = number | '0' | '1' | 'x';

/** A cell: a LUT, carry chain, register, shift register, DSP block, or an instance of a module. */
export interface NetCell {
  readonly type: string;
  readonly name: string;
  /** Truth table of a LUT, lowest input first; whether the operands of a DSP block are signed. */
  readonly parameters: Readonly<Record<string, bigint>>;
  readonly pins: Readonly<Record<string, readonly Net[]>>;
}

/** One mapped module. */
export interface Netlist {
  readonly name: string;
  readonly inputs: Readonly<Record<string, readonly Net[]>>;
  readonly outputs: Readonly<Record<string, readonly Net[]>>;
  readonly cells: readonly NetCell[];
}

interface YosysModule {
  readonly ports: Readonly<Record<string, { readonly direction: string; readonly bits: readonly Net[] }>>;
  readonly cells: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly parameters: Readonly<Record<string, string>>;
        readonly connections: Readonly<Record<string, readonly Net[]>>;
      }
    >
  >;
}

/** Reads the netlist of one module from what `write_json` wrote. */
export function readNetlist(json: string, name: string): Netlist {
  const { modules } = JSON.parse(json) as { readonly modules: Readonly<Record<string, YosysModule>> };
  const module = modules[name];
  if (module === undefined) throw new RtlError(`internal: yosys wrote no module ${name}`);
  const ports = (direction: string): Record<string, readonly Net[]> =>
    Object.fromEntries(
      Object.entries(module.ports).flatMap(([port, one]) => (one.direction === direction ? [[port, one.bits]] : [])),
    );
  return {
    name,
    inputs: ports('input'),
    outputs: ports('output'),
    cells: Object.entries(module.cells).map(([label, { type, parameters, connections }]) => ({
      type,
      name: label,
      parameters: Object.fromEntries(
        Object.entries(parameters).map(([key, bits]) => [key, BigInt(`0b${bits.replaceAll(/[^01]/g, '0')}`)]),
      ),
      pins: connections,
    })),
  };
}
