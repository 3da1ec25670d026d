import { readContent } from '#adapters/embedded/content.js';
import type { Effect } from '#core/effect.js';
import { examplePolicy } from '#workflows/protocoling/examples.js';
import type { Policy } from '#workflows/protocoling/policy.js';
import { testSite } from './planned-orders.ts';

/** The policy of the examples with the content that ships. */
export const shippedPolicy: Policy = { ...examplePolicy, content: readContent(testSite) };

/** An effect in the words of `Example.effects`. */
export function wordsOf(effect: Effect): string {
  switch (effect.kind) {
    case 'tellPerson':
      return `tellPerson ${effect.person} ${effect.note}`;
    case 'sendHl7':
      return `sendHl7 ${effect.message} ${effect.weight}`;
    case 'setDeadline':
      return effect.at === null ? `forget ${effect.name}` : `wake ${effect.name} ${effect.at.slice(11, 19)}`;
    case 'writeFhir':
      return `writeFhir ${effect.resource}`;
    case 'page':
      return `page ${effect.channel} ${effect.to} ${effect.note}`;
    case 'askModel':
      return `askModel ${effect.task}`;
    case 'gatherContext':
    case 'showCard':
    case 'withdraw':
    case 'clearDrills':
      return effect.kind;
    case 'tellCase':
      return 'number' in effect.to ? `tellCase ${effect.to.number}` : `tellCase ${Object.keys(effect.to).join('')}`;
  }
}
