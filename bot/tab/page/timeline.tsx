import { Badge } from '@fluentui/react-badge';
import type { BadgeProps } from '@fluentui/react-badge';
import type { ReactNode } from 'react';
import type { DatedLine, StoryKind } from '#core/story.js';
import { usePage } from './page.ts';

const colours: Readonly<Record<StoryKind, NonNullable<BadgeProps['color']>>> = {
  message: 'informative',
  check: 'informative',
  card: 'subtle',
  sent: 'success',
  person: 'brand',
  trouble: 'danger',
};

/** Everything that happened to a case, oldest first, by the site's days. */
export function Timeline({ lines }: { readonly lines: readonly DatedLine[] }): ReactNode {
  const { words, times } = usePage();
  if (lines.length === 0) return <p>{words.noLines}</p>;
  const days = new Map<string, DatedLine[]>();
  for (const line of lines) {
    const day = times.day(line.at);
    days.set(day, [...(days.get(day) ?? []), line]);
  }
  return [...days].map(([day, of]) => (
    <section key={day} className="day">
      <h4>{day}</h4>
      <ol className="line">
        {of.map((line, n) => (
          <Line key={`${line.at} ${String(n)}`} line={line} />
        ))}
      </ol>
    </section>
  ));
}

function Line({ line }: { readonly line: DatedLine }): ReactNode {
  const { words, times } = usePage();
  const { at, kind, title, lines, who, source } = line;
  return (
    <li className={`happened happened-${kind}`}>
      <time dateTime={at} className="when">
        {times.time(at)}
      </time>
      <div className="what">
        <p>
          <Badge appearance="tint" color={colours[kind]} shape="rounded" className="kind">
            {words.kinds[kind]}
          </Badge>{' '}
          <span className="strong">{title}</span>
          {who === null ? null : <span> {words.by(who)}</span>}
        </p>
        {lines.map((text) => (
          <p key={text} className="said">
            {text}
          </p>
        ))}
        {source === null ? null : <p className="small quiet">{words.source(source)}</p>}
      </div>
    </li>
  );
}
