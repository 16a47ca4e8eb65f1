import type { ReducedExample } from '@sp/train';
import { useEffect, useRef } from 'preact/hooks';
import { theme } from './theme.ts';

/** Colours of kept, dropped and empty pixels, as in the figures; told apart by brightness and by their marks, too. */
const colours = {
  light: { panel: '#f3f5f8', below: '#aab3bd', kept: [0, 114, 178], dropped: '#d55e00' },
  dark: { panel: '#20262d', below: '#5b6570', kept: [86, 180, 233], dropped: '#ff8a4c' },
} as const;

/** One image: pixels that enter the network, those that find no slot (crossed), and those below the threshold (small). */
export function PixelImage({
  image,
  title,
  scale = 1,
}: {
  readonly image: ReducedExample;
  readonly title: string;
  readonly scale?: number;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { height, width, kept, dropped } = image;
  const colour = theme.value;
  useEffect(() => {
    if (canvas.current !== null) paint(canvas.current, image, colours[colour]);
  }, [image, colour]);
  const words = `${title}: ${kept.length} pixels kept, ${dropped.length} dropped`;
  const cell = Math.max(1, Math.floor((112 * scale) / Math.max(height, width)));
  return (
    <figure class="image">
      <canvas ref={canvas} role="img" aria-label={words} width={width * cell} height={height * cell} />
      <figcaption>
        {title} <span class="muted">{kept.length}</span>
        {dropped.length > 0 && <span class="dropped"> +{dropped.length}</span>}
      </figcaption>
    </figure>
  );
}

function paint(canvas: HTMLCanvasElement, image: ReducedExample, colour: (typeof colours)['light' | 'dark']): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const { height, width, pixels, kept, dropped } = image;
  const cell = canvas.width / width;
  context.fillStyle = colour.panel;
  context.fillRect(0, 0, canvas.width, height * cell);
  const active = new Set([...kept, ...dropped].map(({ row, col }) => row * width + col));
  const most = Math.max(...pixels, Number.MIN_VALUE);
  context.fillStyle = colour.below;
  const small = Math.max(1, cell / 2);
  for (const [p, value] of pixels.entries()) {
    if (value === 0 || active.has(p)) continue;
    context.fillRect(
      (p % width) * cell + (cell - small) / 2,
      Math.floor(p / width) * cell + (cell - small) / 2,
      small,
      small,
    );
  }
  for (const { row, col, value } of kept) {
    context.fillStyle = `rgb(${colour.kept.join(' ')} / ${0.35 + (0.65 * value) / most})`;
    context.fillRect(col * cell, row * cell, cell, cell);
  }
  context.strokeStyle = colour.dropped;
  context.lineWidth = Math.max(1, cell / 4);
  for (const { row, col } of dropped) {
    context.beginPath();
    context.moveTo(col * cell, row * cell);
    context.lineTo((col + 1) * cell, (row + 1) * cell);
    context.moveTo((col + 1) * cell, row * cell);
    context.lineTo(col * cell, (row + 1) * cell);
    context.stroke();
  }
}
