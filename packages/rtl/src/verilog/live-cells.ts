import type { RtlModule } from '../hdl/cell.ts';

/** Which cells an output depends on; ports always count. */
export function liveCells({ cells, inputs, outputs, go }: RtlModule): boolean[] {
  const live = new Array<boolean>(cells.length).fill(false);
  const open = outputs.map(({ cell }) => cell);
  while (open.length > 0) {
    const id = open.pop() as number;
    if (live[id]) continue;
    live[id] = true;
    open.push(...cells[id].ins);
  }
  for (const { cell } of inputs) live[cell] = true;
  if (go !== undefined) live[go] = true;
  return live;
}
