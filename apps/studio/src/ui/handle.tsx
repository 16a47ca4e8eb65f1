import type { PictureAxis } from '@sp/viz';
import { useRef } from 'preact/hooks';
import type { Drawn } from '../work/figures.ts';

/** A line on a picture to drag, or to move by the keys that move a slider. */
export function Handle({
  label,
  along,
  picture,
  value,
  onChange,
  least,
  most,
  step,
}: {
  readonly label: string;
  /** The axis that it moves along. */
  readonly along: 'x' | 'y';
  readonly picture: Drawn;
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly least: number;
  readonly most: number;
  readonly step: number;
}) {
  /** Where values lie, from the first touch to the last: the picture is drawn anew meanwhile. */
  const held = useRef<PictureAxis | null>(null);
  const { x, y, width, height } = picture;
  if (x === null || y === null) return null;
  const [axis, across] = along === 'x' ? [x, y] : [y, x];
  const set = (wanted: number): void => {
    const next = Math.min(most, Math.max(least, Math.round(wanted / step) * step));
    if (next !== value) onChange(next);
  };
  const drag = (event: PointerEvent & { readonly currentTarget: HTMLElement }): void => {
    const box = event.currentTarget.parentElement?.getBoundingClientRect();
    if (held.current === null || box === undefined) return;
    const { from, to, start, end } = held.current;
    const place =
      along === 'x'
        ? ((event.clientX - box.left) / box.width) * width
        : ((event.clientY - box.top) / box.height) * height;
    const inside = Math.min(Math.max(start, end), Math.max(Math.min(start, end), place));
    set(from + ((inside - start) / (end - start)) * (to - from));
  };
  const percent = (part: number, whole: number): string => `${(100 * part) / whole}%`;
  const begin = Math.min(across.start, across.end);
  const length = Math.abs(across.end - across.start);
  const place = placeOn(axis, value);
  const style =
    along === 'x'
      ? { left: percent(place, width), top: percent(begin, height), height: percent(length, height) }
      : { top: percent(place, height), left: percent(begin, width), width: percent(length, width) };
  return (
    // biome-ignore lint/a11y/useSemanticElements: lies on a picture, along its axis
    <div
      role="slider"
      class={`handle ${along}`}
      style={style}
      tabIndex={0}
      aria-label={label}
      aria-orientation={along === 'x' ? 'horizontal' : 'vertical'}
      aria-valuemin={least}
      aria-valuemax={most}
      aria-valuenow={value}
      onPointerDown={(event) => {
        held.current = axis;
        event.currentTarget.setPointerCapture(event.pointerId);
        event.currentTarget.focus();
        event.preventDefault();
      }}
      onPointerMove={drag}
      onPointerUp={() => {
        held.current = null;
      }}
      onPointerCancel={() => {
        held.current = null;
      }}
      onKeyDown={(event) => {
        const wanted = keys[event.key]?.({ value, least, most, step });
        if (wanted === undefined) return;
        event.preventDefault();
        set(wanted);
      }}
    />
  );
}

interface Reach {
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly step: number;
}

/** Where keys lead to. */
const keys: Readonly<Record<string, (reach: Reach) => number>> = {
  ArrowRight: ({ value, step }) => value + step,
  ArrowUp: ({ value, step }) => value + step,
  ArrowLeft: ({ value, step }) => value - step,
  ArrowDown: ({ value, step }) => value - step,
  PageUp: ({ value, step }) => value + 10 * step,
  PageDown: ({ value, step }) => value - 10 * step,
  Home: ({ least }) => least,
  End: ({ most }) => most,
};

/** Where a value lies, at most at the end of the axis. */
function placeOn({ from, to, start, end }: PictureAxis, value: number): number {
  const share = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return start + share * (end - start);
}
