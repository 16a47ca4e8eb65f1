import { formatWidth } from '@sp/quant';
import type { LutNode, LutTable } from '@sp/quant/internal';
import { memory, type NodeCost } from '../estimate/cost.ts';
import { printCpp, typeOfFormat } from '../plan/fixed-type.ts';
import { atOnce, passage } from './elementwise.ts';
import type { ConstantArray, Kernel } from './kernel.ts';
import { constantPlace, mapCalls, mapConfig } from './scale-offset.ts';
import { codedAt, weightArray } from './weights.ts';

/** Functions by table; the tables are constants. */
export const lutKernel: Kernel<LutNode> = {
  op: 'lut',
  options: [],
  loops: () => false,
  decide: () => ({}),

  emit(context) {
    const { node, id } = context;
    const name = (t: number) => (node.tables.length === 1 ? `${id}_table` : `${id}_table${t}`);
    const tables = node.tables.map((table, t): ConstantArray => {
      const about = `table${node.tables.length === 1 ? '' : ` ${t}`} of "${node.name}"${node.expression === undefined ? '' : `, ${node.expression}`}`;
      return weightArray(name(t), { shape: [table.codes.length], codes: table.codes, f: node.f }, about);
    });
    const lookups = node.tables.map((table, t) => `to_t(${codedAt(tables[t], tableIndex(table))})`);
    const { choice } = node;
    const constants = [...tables];
    let config: string[];
    if (choice === undefined || choice.index.every((index) => index === choice.index[0])) {
      config = mapConfig(context, lookups[choice?.index[0] ?? 0]);
    } else {
      constants.push({
        id: `${id}_choice`,
        type: 'unsigned short',
        note: `which of the ${node.tables.length} tables of "${node.name}" an element uses`,
        values: choice.index.map(String),
      });
      config = mapConfig(context, lookups[lookups.length - 1], [
        `switch (${id}_choice[${constantPlace(context, choice.shape)}]) {`,
        ...lookups.slice(0, -1).map((lookup, t) => `  case ${t}: return ${lookup};`),
        '}',
      ]);
    }
    return { header: 'sp_lut.h', constants, config, ...mapCalls(context) };
  },
  streams: () => true,
  packets: 'kept',

  cost(context): NodeCost {
    const { node, type } = context;
    const widest = Math.max(...node.tables.map(({ from }) => Math.max(0, formatWidth(from))));
    // hardware §2: a table of 2^b entries is about 2^(b-5) LUTs per two output bits.
    const each = Math.max(1, 2 ** (widest - 5) * Math.ceil(type.width / 2));
    const copies = atOnce(context);
    // Above a thousand entries the tools take blocks, which two readers share.
    const entries = 2 ** widest;
    if (entries < 1024) return { ...passage(context, 1), multipliers: 0, lut: Math.ceil(copies * each), dsp: 0 };
    const { lut, bram } = memory(entries, type.width);
    const pairs = Math.ceil(copies / 2) * node.tables.length;
    return { ...passage(context, 1), multipliers: 0, lut: pairs * lut, dsp: 0, bram: pairs * bram };
  },

  describe: ({ node }) => {
    const entries = node.tables.reduce((sum, { codes }) => sum + codes.length, 0);
    return `${node.tables.length === 1 ? 'table' : `${node.tables.length} tables`} of ${entries} entries${node.expression === undefined ? '' : `: ${node.expression}`}`;
  },
};

function tableIndex({ from }: LutTable): string {
  const width = formatWidth(from);
  return width <= 0 ? '0' : `sp::table_index<${printCpp(typeOfFormat(from))}, ${width}>(x)`;
}
