import type { CaseReply, CaseRequest } from '#ports/case-desk.js';
import { alertLines, cardText, followUpLines } from './case-print.ts';
import { COMMON_HELP, NoAnswer, answered, askCase, words } from './q-ask.ts';

const WHO = `You are the person whom people.json maps your account to (osAccount); an account that it does not name is denied. You
may here what you may in Teams, and each look and each act is on record as yours. Needs the running service.`;

export const show = {
  usage: `radloop case show CASE [--data DIR] [--json]

Your own view of a case, as Teams shows it to you: it holds patient data, and the record says that you saw it. Only what
you have seen as it is now can be acted on.

${WHO}

${COMMON_HELP}

Example: radloop case show 7KF3QN`,
  run: (args: string[]): Promise<number> =>
    answered(async () => {
      const { values, positionals } = words(args, {});
      const [caseNumber] = positionals;
      if (caseNumber === undefined || positionals.length > 1) throw new NoAnswer(2, show.usage);
      return print(await askCase(values, { ask: 'case-show', caseNumber }), values.json);
    }),
};

type Verb = Extract<CaseRequest, { ask: 'case-answer' }>['verb'];

/** @param protocol is it the second word? @param text is it asked for, and what is it? */
function act(verb: Verb, { name, about, protocol, text, example }: Act) {
  const usage = `radloop case ${name} CASE${protocol ? ' PROTOCOL' : ''}${text === null ? '' : ` ${text === 'reason' && protocol ? '[TEXT]' : 'TEXT'}`}

${about}
Only on a case that you were shown as it is now ("radloop case show CASE", or in Teams): if it has changed, nothing is
done and you are told. The same again changes nothing and gets the first answer.

${WHO}

${COMMON_HELP}

Example: radloop case ${name} 7KF3QN${example}`;
  return {
    usage,
    run: (args: string[]): Promise<number> =>
      answered(async () => {
        const { values, positionals } = words(args, {});
        const [caseNumber, ...rest] = positionals;
        const protocolId = protocol ? rest.shift() : null;
        const written = rest.join(' ');
        if (caseNumber === undefined || protocolId === undefined || (text === null && written !== '')) throw new NoAnswer(2, usage);
        const request = { ask: 'case-answer', caseNumber, verb, protocolId, text: written === '' ? null : written } as const;
        return print(await askCase(values, request), values.json);
      }),
  };
}

interface Act {
  readonly name: string;
  readonly about: string;
  readonly protocol: boolean;
  readonly text: 'reason' | 'question' | 'answer' | null;
  readonly example: string;
}

export const approve = act('approve', {
  name: 'approve',
  about: 'Approves the protocol that is proposed.',
  protocol: false,
  text: null,
  example: '',
});
export const choose = act('choose-other', {
  ...{ name: 'choose', about: 'Chooses another protocol of the catalogue, with a reason.', protocol: true, text: 'reason' },
  example: ' CT-HEAD-WO "no contrast, allergic"',
});
export const reject = act('reject', {
  ...{ name: 'reject', about: 'Rejects the order; the reason is told to the coordinator.', protocol: false, text: 'reason' },
  example: ' "wrong side: right knee in the order, left in the referral"',
});
export const askOrderer = act('ask-orderer', {
  ...{ name: 'ask', about: 'Puts a question to whoever placed the order.', protocol: false, text: 'question' },
  example: ' "Is there a pacemaker?"',
});
export const answer = act('answer-question', {
  ...{ name: 'answer', about: 'Answers the question that was put to you about the order.', protocol: false, text: 'answer' },
  example: ' "No pacemaker."',
});

/** What a person does for themselves or with others: on any case that they may act on, whatever they were shown. */
function ownAct(verb: Verb, { name, words: said, about, example, confirmable = false }: OwnAct) {
  const usage = `radloop case ${name} CASE${said === null ? '' : ` ${said}`}${confirmable ? ' [--sent]' : ''}

${about}

${WHO}

${COMMON_HELP}

Example: radloop case ${name} 7KF3QN${example}`;
  return {
    usage,
    run: (args: string[]): Promise<number> =>
      answered(async () => {
        const { values, positionals } = words(args, confirmable ? { sent: { type: 'boolean' } } : {});
        const [caseNumber, ...rest] = positionals;
        const text = rest.join(' ');
        if (caseNumber === undefined || (said === null) !== (text === '')) throw new NoAnswer(2, usage);
        const confirmed = 'sent' in values && values.sent === true;
        const request = { ask: 'case-answer', caseNumber, verb, protocolId: null, text: text === '' ? null : text, confirmed } as const;
        return print(await askCase(values, request), values.json);
      }),
  };
}

interface OwnAct {
  readonly name: string;
  /** What is written after the case; null: nothing. */
  readonly words: string | null;
  readonly about: string;
  readonly example: string;
  /** Takes --sent. */
  readonly confirmable?: boolean;
}

export const remind = ownAct('remind', {
  ...{ name: 'remind', words: 'TIME', example: ' in 20 minutes' },
  about: `Reminds you of the case in your private chat, once, if it is still open then. TIME is as you say it: "in 20 minutes",
"at 16:00", "tomorrow morning". A new reminder of a case replaces your one before.`,
});
export const handOver = ownAct('hand-over', {
  ...{ name: 'hand-over', words: 'PERSON', example: ' dr-lindqvist' },
  about: `Puts the case under somebody else's name, who is told in private. PERSON is an id or a name of people.json, or a service
("neuro": whoever is on call for it), and must be somebody who may decide the case. Whoever may decide it still may.`,
});
export const takeBack = ownAct('take-back', {
  ...{ name: 'take-back', words: null, example: '', confirmable: true },
  about: `Takes back the last thing that you did on the case: a decision, a question, a hand-over, a reminder. What has not left
stays here. What the RIS has already stays there until the next decision replaces it: then it is done only with --sent.`,
});

/** Exit 1: the answer is "no". */
export function print(reply: CaseReply, json: boolean): number {
  if (json) console.log(JSON.stringify(reply));
  if (!reply.ok) {
    if (!json) console.error(reply.text);
    return 1;
  }
  if (reply.answer === 'view') {
    if (!json) console.log(`${reply.title}, revision ${reply.revision}\n\n${cardText(reply.view.card)}`);
    return 0;
  }
  if (reply.answer === 'alerts') {
    if (!json) console.log(alertLines(reply.alerts, reply.asOf).join('\n'));
    return 0;
  }
  if (reply.answer === 'follow-ups') {
    if (!json) console.log(followUpLines(reply.followUps).join('\n'));
    return 0;
  }
  if (reply.answer === 'answered' && reply.notSent === true) {
    if (!json) console.error(reply.text);
    return 1;
  }
  if (!json) console.log(reply.text);
  return reply.answer === 'declared' || reply.outcome === 'won' || reply.outcome === 'noted' ? 0 : 1;
}
