import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'prettier';
import { actionWords } from '#core/action.js';
import { permissions } from '#core/authorise.js';
import type { Action } from '#core/action.js';
import type { Relationship } from '#core/authorise.js';
import { role } from '#core/people.js';

/** Writes permissions.md from the table that every surface goes by. `node --conditions=source infra/docs/permissions.ts`; a test says when it is due. */
export const FILE = join(import.meta.dirname, 'permissions.md');

/** What stands in a cell. */
const cells: Readonly<Record<Relationship, string>> = {
  orderer: 'who placed the order',
  asked: 'who was asked',
  'list-member': 'on the list',
  'site-coordinator': 'yes',
  'did-it': 'what they did',
  addressed: 'who was called',
  declarer: 'who declared it',
  receiver: 'who took it',
  unseen: 'who was told and has not seen it',
  owner: 'whose it is',
};

const onCases: readonly Action[] = [
  ...(['view', 'approve', 'choose-other', 'reject', 'ask-orderer', 'answer-question'] as const),
  ...(['remind', 'hand-over', 'take-back', 'list-waiting', 'enter-paper', 'break-glass'] as const),
  ...(['break-glass-confirm', 'break-glass-review'] as const),
];
const onAlerts: readonly Action[] = [
  ...(['declare-critical', 'release-critical', 'not-critical', 'recategorise', 'withdraw-critical'] as const),
  ...(['acknowledge', 'read-back', 'on-my-way', 'decline-alert', 'take-over', 'record-call'] as const),
  ...(['not-what-i-said', 'not-me', 'take-failsafe', 'record-attempt', 'seen', 'join-alert', 'keep-apart', 'follow-up-done'] as const),
];
const onSite = (Object.keys(permissions) as Action[]).filter((action) => !onCases.includes(action) && !onAlerts.includes(action));

export function page(): Promise<string> {
  const text = `# Who may do what

Drawn from \`functions/core/authorise.ts\` by \`node --conditions=source infra/docs/permissions.ts\`. One table for the button, the words, the command line and
whatever else asks: the answer is worked out from it on every click and every look, and nothing of it is remembered. What stands nowhere here is denied, and each
denial has an audit row. Unknown people are denied everything.

- **on the list**: people.json names the modality of the order among the person's \`modalities\`, or names none, which is all of them. An order that does not say
  its modality is on the list of those alone who have all of them.
- **who was asked**: a question about the order was put to this person, and waits for the answer; or a finding that a report or a model says, an unsent critical result, or whether two are one.
- **what they did**: something that this person did on the case still stands. Nobody takes back what somebody else did.
- **who was called**: at any step of this critical result, or took it over. Nobody else stops its escalation.
- **who declared it**, **who took it**: as it is recorded.
- **who was told and has not seen it**: of one that was withdrawn or changed since; it acknowledges nothing.
- **yes**: on any case of the site.
- A technologist's view has the two identifiers, the order, the protocol and what must be checked before the exam, and nothing else from the chart.
- The list of what is waiting names the cases that the person may open, and no other. Whoever opens none at all (scheduler, operator) sees each by its number and status.
- A case is handed over to somebody who may approve it, and to nobody else. A reminder says the case number and how the case stands, as the channel's card does.
- **Nobody approves, chooses, rejects or asks on an order that they placed themselves**, whatever else they are.
- Only what the person was shown at the case's revision of now can be decided in words or from the command line; a button brings the revision that it was drawn for.
- What state a case is in decides the case itself: an act on one that is decided, cancelled or changed meanwhile changes nothing and says who decided and when.
- **In an emergency** somebody who may not open a case can open it on the tab all the same: after a sign-in with a second factor of the last ten minutes, with a reason
  as a code and in their own words, one case for one hour, to look and nothing else. Privacy auditors and coordinators are told at once, another person confirms a
  longer time, and privacy judges each within 72 hours. Whoever may open the case as it is needs none and gets none. It opens nothing in the chat and on the command line.
- A system, an AI model too, may propose and has no row.

## Cases

${table(onCases)}

## Critical results

The switchboard sees whom to phone and never the patient. A coordinator sends one only where the policy of its category lets them.

${table(onAlerts)}

## The site

Lifting a legal hold, deleting a case's data, shortening the retention, a policy of critical results that calls people later, and every act on more than one held item wait 30
minutes for a second person, who may not be the one who asked.

${table(onSite)}
`;
  return format(text, { parser: 'markdown', printWidth: 150 });
}

function table(actions: readonly Action[]): string {
  const roles = role.options.filter((one) => actions.some((action) => permissions[action].may[one] !== undefined));
  const rows = actions.map((action) => {
    const { may } = permissions[action];
    const marks = roles.map((one) => {
      const needed = may[one];
      return needed === undefined
        ? ''
        : needed === null
          ? 'yes'
          : [needed]
              .flat()
              .map((one) => cells[one])
              .join(' or ');
    });
    return [`${actionWords[action]} (\`${action}\`)`, ...marks];
  });
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  const head = ['May', ...roles];
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(FILE, await page());
