import type { Picture, Shape } from '#ports/critical-report.js';
import { escaped } from './critical-report-print.ts';

type Tone = Shape['tone'];

const fills: Readonly<Record<Tone, string>> = {
  ...{ p50: '#0f548c', p90: '#5b9bd0', p95: '#bcdcf4', open: 'none', miss: '#b10e1c', target: 'none', axis: 'none' },
  ...{ text: '#242424', quiet: '#616161', heading: '#242424' },
};
const more: Readonly<Partial<Record<Tone, string>>> = {
  open: ' stroke="#8a8a8a" stroke-dasharray="3 3"',
  target: ' stroke="#b10e1c" stroke-width="2" stroke-dasharray="6 3"',
  axis: ' stroke="#8a8a8a"',
  heading: ' font-weight="600"',
};

/** White on either side of it. */
const EDGE = 16;

/** The picture as a file of its own, on white paper. It loads and runs nothing. */
export function svgOf({ width, height, title, says, shapes }: Picture): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-EDGE} 0 ${width + 2 * EDGE} ${height}" width="${width + 2 * EDGE}" height="${height}" style="max-width:100%;height:auto" role="img" aria-labelledby="title says" font-family="Segoe UI, system-ui, sans-serif" font-size="12">
<title id="title">${escaped(title)}</title>
<desc id="says">${escaped(says)}</desc>
<rect x="${-EDGE}" width="${width + 2 * EDGE}" height="${height}" fill="#ffffff"/>
${shapes.map(drawn).join('\n')}
</svg>
`;
}

function drawn(shape: Shape): string {
  const look = `fill="${fills[shape.tone]}"${more[shape.tone] ?? ''}`;
  switch (shape.kind) {
    case 'bar':
      return `<rect x="${shape.x}" y="${shape.y}" width="${shape.width}" height="${shape.height}" ${look}/>`;
    case 'line':
      return `<line x1="${shape.x1}" y1="${shape.y1}" x2="${shape.x2}" y2="${shape.y2}" ${look}/>`;
    case 'text':
      return `<text x="${shape.x}" y="${shape.y}" text-anchor="${shape.anchor}" ${look}>${escaped(shape.text)}</text>`;
    default:
      return shape satisfies never;
  }
}
