import type { HlsConfig } from '@sp/hls';
import type { RtlOptions } from '@sp/rtl/internal';
import type { Point, Value } from '@sp/train/internal';

/** Options of the plans that a point asks for: its parameters `hls.…` and `rtl.…`, else the fixed ones. */
export function planOptions(
  point: Point,
  fixed: Readonly<Record<string, Value>>,
): { readonly hls: HlsConfig; readonly rtl: RtlOptions } {
  const model: Record<string, Value> = {};
  const layerName: Record<string, Record<string, Value>> = {};
  const rtl: Record<string, Value> = {};
  for (const [name, value] of Object.entries({ ...fixed, ...point })) {
    const [tool, ...path] = name.split('.');
    if (tool === 'rtl') rtl[path[0]] = value;
    if (tool !== 'hls') continue;
    if (path.length === 1) model[path[0]] = value;
    else layerName[path[0]] = { ...layerName[path[0]], [path[1]]: value };
  }
  return { hls: { model, layerName } as HlsConfig, rtl: rtl as RtlOptions };
}
