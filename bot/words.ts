import type { RefusedWhy } from './conversation/heard.ts';

/**
 * Every word that the bot itself says; what belongs to a case comes from its workflow. All of it may be read in a channel: no patient data,
 * and nothing that the person wrote but case numbers that exist and catalogue ids.
 */
export const words = {
  openAgain: 'Open it again to see it as it is now.',
  badRequest: 'Radloop does not know this button. Nothing was changed: open the case again.',
  late: 'Radloop takes longer than usual. What you pressed may still count: open the case again to see how it stands.',
  broken: 'Radloop could not finish this. What you pressed may still count: open the case again to see how it stands.',
  automatic: 'Nothing is done without a person pressing a button.',
  openInPrivate: 'I have put it into your private chat.',
  noPrivateChat: 'I could not reach your private chat. Write "help" to me there once, then try again.',

  noSuchCase: 'I know no such case that you may see.',
  whichCase: 'Which case? Write its case number with it, such as "show 7KF3QN".',
  lookFirst: (caseNumber: string): string => `I changed nothing: you have not seen ${caseNumber} as it is now. Look at it here, then write it again.`,
  lookFirstInPrivate: (caseNumber: string): string =>
    `I changed nothing: you have not seen ${caseNumber} as it is now. I have put it into your private chat. Look at it there, then write it again.`,
  confirm: (sentence: string): string => `I did nothing. If you mean it, write "${sentence}".`,
  unclear: 'I did not understand that, and did nothing. Write "help" to see what I understand.',
  unclearInChannel:
    'I did not understand that, and did nothing. Here I go by case numbers only; for anything else, write to me in your private chat.',
  textOnly: 'I read text only. Write "help" to see what I understand.',

  refused: {
    all: 'I do one case at a time: each needs its own look. Name one case number.',
    several: 'I do one case at a time. Name one case number only.',
    'not-a-case-number': 'That is not a case number. It has six or seven characters, such as 7KF3QN; "what is waiting" lists them.',
    'check-character': 'That is not a case number (the last character does not check). Look at it once more.',
    'needs-reason': 'A reason is needed, and I did nothing. Write "reject 7KF3QN because …".',
    'needs-question': 'I do not see the question, and did nothing. Write "ask the orderer of 7KF3QN: …?".',
    'unknown-protocol': 'I know no protocol of that name, and did nothing. Open the case to choose from the list.',
    conditional: 'That sets a condition, and I did nothing. Decide first, or ask the orderer; then write it without "if".',
    'taken-back': 'That takes itself back, and I did nothing.',
    'too-long': 'That is too long for me, and I did nothing. Two thousand characters is the most.',
  } satisfies Record<RefusedWhy, string>,

  waiting: {
    none: 'Nothing is waiting for you.',
    title: (count: number): string => (count === 1 ? '1 case is waiting' : `${count} cases are waiting`),
    more: (count: number): string => `and ${count} more`,
    hint: 'Write "show" and the case number to open one.',
    columns: ['Case', 'Urgency', 'Kind', 'Waiting'],
    minutes: (minutes: number): string =>
      minutes < 60 ? `${minutes} min` : minutes < 2880 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.floor(minutes / 1440)} d`,
  },

  help: [
    'I understand these sentences:',
    '• what is waiting',
    '• show 7KF3QN',
    '• approve 7KF3QN',
    '• use CT-HEAD-WO for 7KF3QN',
    '• reject 7KF3QN because …',
    '• ask the orderer of 7KF3QN: …?',
    "In the thread of a card the case number may be left out. I act on a case only when you have seen it as it is now; if you have not, I show it first. In a channel use case numbers only, never a patient's name or number.",
  ].join('\n'),
} as const;
