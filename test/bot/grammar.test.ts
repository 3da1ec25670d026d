import { hear } from '#bot/conversation/grammar.js';
import { guess } from '#bot/conversation/guess.js';
import { plainText } from '#bot/conversation/plain-text.js';
import type { Heard } from '#bot/conversation/heard.js';
import { misnumbered, numbered } from '../support/clinic.ts';

const A = numbered('7KF3Q');
const B = numbered('HJ2KM');
/** Of a site that has given half of the numbers of six characters. */
const seven = numbered('7KF3QN');
const wrong = misnumbered('7KF3Q');
const spaced = `${A.slice(0, 3)} ${A.slice(3)}`;
const dashed = [...A].join('-');
const protocols = ['CT-HEAD-WO', 'CT-HEAD-W', 'MR-BRAIN-WO'];
const heard = (text: string) => hear(text, protocols);

describe('what is understood', () => {
  it.each<[string, Heard]>([
    ['what is waiting', { kind: 'waiting' }],
    ["What's waiting?", { kind: 'waiting' }],
    ['what’s waiting for me', { kind: 'waiting' }],
    ['WHAT IS STILL OPEN?', { kind: 'waiting' }],
    ['show me what is waiting', { kind: 'waiting' }],
    ['list the waiting cases', { kind: 'waiting' }],
    ['show my list, please', { kind: 'waiting' }],
    ['hello radloop, what is waiting?', { kind: 'waiting' }],
    ['help', { kind: 'help' }],
    ['Help!', { kind: 'help' }],
    ['?', { kind: 'help' }],
    ['what can you do?', { kind: 'help' }],
    [`show ${A}`, { kind: 'show', caseNumber: A }],
    [`show ${A.toLowerCase()}`, { kind: 'show', caseNumber: A }],
    [`Show me case ${spaced}.`, { kind: 'show', caseNumber: A }],
    [`open ${dashed}`, { kind: 'show', caseNumber: A }],
    [A, { kind: 'show', caseNumber: A }],
    [`#${A}`, { kind: 'show', caseNumber: A }],
    [seven, { kind: 'show', caseNumber: seven }],
    [`show ${[...seven].join(' ')}`, { kind: 'show', caseNumber: seven }],
    [`please approve ${seven.slice(0, 3)}-${seven.slice(3).toLowerCase()}`, { kind: 'approve', caseNumber: seven }],
    [
      `use ct head wo for ${seven} because a mass is suspected`,
      { kind: 'use', caseNumber: seven, protocolId: 'CT-HEAD-WO', reason: 'a mass is suspected' },
    ],
    [`reject ${seven} because it was done on Monday`, { kind: 'reject', caseNumber: seven, reason: 'it was done on Monday' }],
    [`ask the orderer of ${seven}: is she pregnant?`, { kind: 'ask', caseNumber: seven, question: 'is she pregnant?' }],
    ['show this', { kind: 'show', caseNumber: null }],
    [`approve ${A}`, { kind: 'approve', caseNumber: A }],
    [`Approve ${spaced}!`, { kind: 'approve', caseNumber: A }],
    [`please approve ${dashed.toLowerCase()}, thank you.`, { kind: 'approve', caseNumber: A }],
    [`OK, approve case ${A} now`, { kind: 'approve', caseNumber: A }],
    [`I approve ${A}`, { kind: 'approve', caseNumber: A }],
    [`approve the protocol for ${A}`, { kind: 'approve', caseNumber: A }],
    [`  approve\n${A}  `, { kind: 'approve', caseNumber: A }],
    ['approve', { kind: 'approve', caseNumber: null }],
    ['approve it', { kind: 'approve', caseNumber: null }],
    [`use CT-HEAD-WO for ${A}`, { kind: 'use', caseNumber: A, protocolId: 'CT-HEAD-WO', reason: null }],
    [`use ct head wo for ${spaced}`, { kind: 'use', caseNumber: A, protocolId: 'CT-HEAD-WO', reason: null }],
    [`Choose protocol mr brain wo for case ${A} please`, { kind: 'use', caseNumber: A, protocolId: 'MR-BRAIN-WO', reason: null }],
    [
      `use CT-HEAD-W instead for ${A} because a mass is suspected`,
      { kind: 'use', caseNumber: A, protocolId: 'CT-HEAD-W', reason: 'a mass is suspected' },
    ],
    ['use CT-HEAD-W', { kind: 'use', caseNumber: null, protocolId: 'CT-HEAD-W', reason: null }],
    [`reject ${A} because it was done on Monday`, { kind: 'reject', caseNumber: A, reason: 'it was done on Monday' }],
    [`reject ${A}: no indication.`, { kind: 'reject', caseNumber: A, reason: 'no indication' }],
    [`Reject ${spaced}, because of Metal`, { kind: 'reject', caseNumber: A, reason: 'Metal' }],
    ['reject because it is a duplicate', { kind: 'reject', caseNumber: null, reason: 'it is a duplicate' }],
    [`ask the orderer of ${A}: is she pregnant?`, { kind: 'ask', caseNumber: A, question: 'is she pregnant?' }],
    [
      `Ask the referring physician about ${A}: if there is a pacemaker, which one?`,
      { kind: 'ask', caseNumber: A, question: 'if there is a pacemaker, which one?' },
    ],
    ['ask the orderer: which side?', { kind: 'ask', caseNumber: null, question: 'which side?' }],
  ])('%s', (text, expected) => {
    expect(heard(text)).toEqual(expected);
  });
});

describe('what is refused, with its reason', () => {
  it.each([
    ['approve all', 'all'],
    ['approve everything', 'all'],
    ['Approve all of them, please', 'all'],
    ['approve the rest', 'all'],
    ['reject all because I am on leave', 'all'],
    ['use CT-HEAD-WO for all', 'all'],
    [`approve ${A} and all others`, 'all'],
    [`approve ${A} and ${B}`, 'several'],
    [`approve ${A}, ${B}`, 'several'],
    [`approve ${A} ${wrong}`, 'several'],
    [`reject ${A} and ${B} because they are old`, 'several'],
    [`reject ${A} because it is the same as ${B}`, 'several'],
    [`use CT-HEAD-WO for ${A} and ${B}`, 'several'],
    [`approve ${wrong}`, 'check-character'],
    [`show ${wrong.toLowerCase()}`, 'check-character'],
    [wrong, 'check-character'],
    ['approve 7KF30O', 'not-a-case-number'],
    ['show 123456', 'not-a-case-number'],
    [`reject ${A}`, 'needs-reason'],
    ['reject', 'needs-reason'],
    [`ask the orderer of ${A}`, 'needs-question'],
    [`ask the orderer of ${A}:`, 'needs-question'],
    [`use CT-HEAD for ${A}`, 'unknown-protocol'],
    [`use CT-HEAD-WO not CT-HEAD-W for ${A}`, 'unknown-protocol'],
    [`reject ${A} because of the kidneys if they are bad`, 'conditional'],
    [`reject ${A} because it is a duplicate, no wait`, 'taken-back'],
    ['x'.repeat(2001), 'too-long'],
  ])('%s: %s', (text, why) => {
    expect(heard(text)).toEqual({ kind: 'refused', why });
  });
});

describe('what does nothing: negated, asked, conditional, reported, quoted', () => {
  it.each([
    `do not approve ${A}`,
    `don't approve ${A}`,
    `don’t approve ${A}`,
    `never approve ${A}`,
    `I do not approve ${A}`,
    `I would not approve ${A}`,
    `not approve ${A}`,
    `approve ${A} not`,
    `approve ${A}? no`,
    `approve ${A}?`,
    `should I approve ${A}?`,
    `can you approve ${A}?`,
    `who may approve ${A}`,
    `approve ${A} if the creatinine is fine`,
    `if the creatinine is fine approve ${A}`,
    `approve ${A} once labs are back`,
    `approve ${A} tomorrow`,
    `approve ${A} unless she is pregnant`,
    `approve ${A}, no wait`,
    `Dr Haddad said approve ${A}`,
    `he told me to approve ${A}`,
    `Haddad: approve ${A}`,
    `"approve ${A}"`,
    `“approve ${A}”`,
    `'approve ${A}'`,
    `> approve ${A}`,
    `approved ${A}`,
    `I approved ${A} already`,
    `approve ${A} and reject it`,
    `approve ${A} but use CT-HEAD-W`,
    `disapprove ${A}`,
    `unapprove ${A}`,
    `approve for ${A} Jane Doe`,
    `don't use CT-HEAD-WO for ${A}`,
    `do not reject ${A} because it is fine`,
    `reject ${A} because it is not indicated?`,
    `approve Jane Doe`,
    `thanks`,
    `status`,
    `${A} looks good`,
    ``,
  ])('%s', (text) => {
    const { kind } = heard(text);
    expect(['unclear', 'refused']).toContain(kind);
  });
});

describe('a guess, which is only ever asked back', () => {
  it.each([
    [`${A} looks good`, { kind: 'approve', caseNumber: A }],
    [`you can go ahead with ${A}`, { kind: 'approve', caseNumber: A }],
    [`please decline ${A}`, { kind: 'reject', caseNumber: A }],
    [`tell me about ${A}`, { kind: 'show', caseNumber: A }],
    ['is there anything left to do', { kind: 'waiting', caseNumber: null }],
  ])('%s', (text, expected) => {
    expect(guess(text)).toEqual(expected);
  });

  it.each([
    `do not approve ${A}`,
    `I don't agree with ${A}`,
    `he said ${A} looks good`,
    `"${A} looks good"`,
    `approve ${A} if ok`,
    `${A} and ${B} look good`,
    'good morning',
  ])('none for: %s', (text) => {
    expect(guess(text)).toBeNull();
  });
});

describe('text as Teams sends it', () => {
  const bot = { id: '28:bot' };
  const message = (text: string, entities: unknown[] = []) => plainText({ type: 'message', text, recipient: bot, entities } as never);
  const ours = { type: 'mention', text: '<at>Radloop</at>', mentioned: { id: '28:bot' } };

  it.each([
    ['<at>Radloop</at> approve it', 'approve it'],
    ['<at>Radloop</at>&nbsp;approve&nbsp;it\n', 'approve it'],
    ['approve <at>Radloop</at> it', 'approve   it'],
    ['ｓｈｏｗ\u200b it', 'show it'],
    ['a &lt;b&gt; &amp; c', 'a <b> & c'],
  ])('%s', (text, plain) => {
    expect(message(text, [ours])).toBe(plain);
  });

  it('keeps another person’s name', () => {
    expect(
      message('reject it because <at id="1">Mia</at> did it', [{ type: 'mention', text: '<at id="1">Mia</at>', mentioned: { id: '29:mia' } }]),
    ).toBe('reject it because Mia did it');
  });
});
