import type { ReactNode } from 'react';
import type { Picture, Shape } from '#ports/critical-report.js';
import { Wide } from './states.tsx';

/** The server's picture in the colours of the theme. The tables below it say the same in words. */
export function Drawing({ picture }: { readonly picture: Picture }): ReactNode {
  const { width, height, title, says, shapes } = picture;
  return (
    <Wide label={title}>
      <svg className="picture" viewBox={`0 0 ${String(width)} ${String(height)}`} role="img" aria-label={`${title}. ${says}`}>
        {shapes.map((shape, n) => (
          <Drawn key={`${shape.kind} ${String(n)}`} shape={shape} />
        ))}
      </svg>
    </Wide>
  );
}

function Drawn({ shape }: { readonly shape: Shape }): ReactNode {
  const tone = `picture-${shape.tone}`;
  switch (shape.kind) {
    case 'bar':
      return <rect className={tone} x={shape.x} y={shape.y} width={shape.width} height={shape.height} />;
    case 'line':
      return <line className={tone} x1={shape.x1} y1={shape.y1} x2={shape.x2} y2={shape.y2} />;
    case 'text':
      return (
        <text className={tone} x={shape.x} y={shape.y} textAnchor={shape.anchor}>
          {shape.text}
        </text>
      );
    default:
      return shape satisfies never;
  }
}
