import { AdaptiveCard, ExecuteAction, HostConfig, OpenUrlAction, SubmitAction } from 'adaptivecards';
import type { Action } from 'adaptivecards';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { cardLook } from './card-look.ts';

/** A card of Radloop's, drawn by the library that draws it in Teams. @param onPress what a button brings, with its inputs */
export function CardView({
  card,
  label,
  onPress,
}: {
  readonly card: object;
  readonly label: string;
  readonly onPress: (data: unknown) => void;
}): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const press = useRef(onPress);
  useEffect(() => {
    press.current = onPress;
  });
  // The same card read again is not drawn again: what is being typed into it stays.
  const json = JSON.stringify(card);
  useEffect(() => {
    const drawn = new AdaptiveCard();
    drawn.hostConfig = new HostConfig(cardLook);
    drawn.onExecuteAction = (action: Action) => {
      if (action instanceof SubmitAction || action instanceof ExecuteAction) press.current(action.data);
      if (action instanceof OpenUrlAction) window.open(action.url, '_blank', 'noopener');
    };
    drawn.parse(JSON.parse(json));
    const element = drawn.render();
    if (element === undefined) return;
    dialled(element);
    place.current?.replaceChildren(element);
  }, [json]);
  return <div className="card" ref={place} role="region" aria-label={label} />;
}

/** A number behind a telephone's sign is one to press. */
function dialled(card: HTMLElement): void {
  const texts = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (texts.nextNode() !== null) found.push(texts.currentNode as Text);
  for (const text of found) {
    const parts = text.data.split(/(?<=\u260e\u00a0)([+\d][\d\u00a0 ]*\d)/u);
    if (parts.length > 1) text.replaceWith(...parts.map((part, n) => (n % 2 === 0 ? part : numberOf(part))));
  }
}

function numberOf(phone: string): HTMLElement {
  const link = document.createElement('a');
  link.className = 'phone';
  link.href = `tel:${phone.replaceAll(/[^+\d]/gu, '')}`;
  link.textContent = phone;
  return link;
}

/** Our own text is escaped for the Markdown of Teams (cards/kit/text.ts): here it is read back, and never as markup. */
AdaptiveCard.onProcessMarkdown = (text, result) => {
  const plain = text.replaceAll(/\\([\\`*_[\]<>~|#+\-.):/])/gu, '$1');
  const holder = document.createElement('div');
  holder.textContent = plain;
  result.outputHtml = holder.innerHTML;
  result.didProcess = true;
};
