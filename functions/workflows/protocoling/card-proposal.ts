import { container, paragraph, run, textBlock } from '#cards/kit/card.js';
import type { Element } from '#cards/kit/card.js';
import { facts } from '#cards/kit/facts.js';
import { formatNumber } from '#cards/kit/text.js';
import type { Protocol, ProtocolAnswer } from '#domain/protocol.js';
import { inARow } from './card-order.ts';
import { lookUp } from './look-up.ts';
import { wordsOf } from './card-status.ts';
import type { CardMeta } from './card-status.ts';
import type { Amount } from './card-amount.ts';
import type { Opened } from './state.ts';

/** The catalogue's row that is proposed; null: none, or one that the catalogue has not (then it can't be approved). */
export function proposedOf(state: Opened, catalogue: readonly Protocol[]): Protocol | null {
  const id = state.protocol?.ok === true ? state.protocol.value.protocolId : null;
  return catalogue.find((row) => row.id === id) ?? null;
}

/** `CT-HEAD-WO: CT head without contrast` */
export function titleOf(id: string, meta: CardMeta): string {
  return wordsOf(meta).view.protocolLine(id, meta.catalogue.find((row) => row.id === id)?.name ?? '');
}

/** What is proposed and what it rests on, so that it can be judged without trusting it (INVARIANTS 2.4); or that nothing is, and why. */
export function proposalSection(state: Opened, meta: CardMeta, amount: Amount): readonly Element[] {
  const { view } = wordsOf(meta);
  if (state.protocol?.ok !== true) {
    const why = state.protocol === null || state.protocol.why === '' ? view.modelSilent : view.unavailable(state.protocol.why);
    return [nothingProposed(why, meta)];
  }
  const answer = state.protocol.value;
  const proposed = proposedOf(state, meta.catalogue);
  if (proposed !== null) return [proposedBox(proposed, answer, meta), ...basis(answer, proposed, meta, amount)];
  const why = answer.protocolId === null ? view.abstained(percent(answer)) : view.notInCatalogue(answer.protocolId);
  return [nothingProposed(why, meta), ...basis(answer, null, meta, amount)];
}

function nothingProposed(why: string, meta: CardMeta): Element {
  const { view } = wordsOf(meta);
  return container(
    'warning',
    [textBlock(view.noProposal, { weight: 'bolder' }), paragraph([run(`${why.slice(0, 1).toUpperCase()}${why.slice(1)}`)], 'none')],
    'small',
  );
}

function proposedBox(row: Protocol, answer: ProtocolAnswer, meta: CardMeta): Element {
  const { view } = wordsOf(meta);
  const parts = [
    `${view.contrast}: ${lookUp(view.contrasts, row.contrast, row.contrast)}`,
    ...(row.phases.length === 0 ? [] : [`${view.phases}: ${row.phases.join(', ')}`]),
    ...(row.sequences.length === 0 ? [] : [`${view.sequences}: ${row.sequences.join(', ')}`]),
    ...(row.sliceMm === null ? [] : [`${view.slices}: ${view.millimetres(formatNumber(row.sliceMm, meta.language))}`]),
  ];
  return container(
    'accent',
    [
      paragraph([run(row.name, { size: 'medium', weight: 'bolder' })], 'none'),
      paragraph([run(row.id, { fontType: 'monospace' }), run(`  ·  ${view.confidence(percent(answer))}`, { weight: 'bolder' })], 'none'),
      paragraph([run(parts.join(' · '), {}, 500)], 'small'),
    ],
    'small',
  );
}

function basis(answer: ProtocolAnswer, row: Protocol | null, meta: CardMeta, amount: Amount): readonly Element[] {
  const { view } = wordsOf(meta);
  const others = answer.alternatives.slice(0, Math.min(3, amount.items)).map((id) => titleOf(id, meta));
  const sources = [view.basisModel(answer.model, answer.version), ...(row === null ? [] : [view.basisRow(row.id, row.version, row.source)])];
  return facts([
    {
      label: view.why,
      value: inARow(answer.reasons.slice(0, amount.items).map((reason) => run(reason, {}, amount.text).text)),
    },
    { label: row === null ? view.closest : view.alternatives, value: others.join('; ') },
    { label: view.basis, value: [run(sources.join('; '), { isSubtle: true, size: 'small' })] },
  ]);
}

function percent({ confidence }: ProtocolAnswer): string {
  return `${Math.round(confidence * 100)}\u00a0%`;
}
