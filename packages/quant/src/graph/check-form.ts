import * as v from 'valibot';
import { fields, name } from '../ops/form.ts';
import { forms } from '../ops/table.ts';
import { GraphError } from './errors.ts';
import type { FixedGraph } from './fixed-graph.ts';

const node = v.variant(
  'op',
  forms.map(([op, form]) => v.strictObject({ op: v.literal(op), ...fields, ...form })),
);
const graph = v.strictObject({ version: v.literal(1), name: v.string(), nodes: v.array(node), outputs: v.array(name) });

/**
 * The data as a fixed graph if it has the form of one. Whether it makes sense is `validate`'s business.
 *
 * @throws GraphError naming the first field that is wrong
 */
export function checkForm(data: unknown): FixedGraph {
  const result = v.safeParse(graph, data, { abortEarly: true });
  if (result.success) return data as FixedGraph;
  const issue = result.issues[0];
  const path = issue.path?.map(({ key }) => String(key)).join('.') ?? 'graph';
  const op = path.endsWith('.op') ? 'use an op of this version of the format' : 'correct or remove this field';
  throw new GraphError(path, issue.message, op);
}
