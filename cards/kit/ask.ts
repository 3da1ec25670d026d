import { textBlock } from './card.ts';
import type { ActionData, Execute, InputChoiceSet, InputText, OpenCall, ShowCard, Submit } from './card.ts';
import { clean, shorten } from './text.ts';

export { MOST_ACTIONS } from '#cards/limits.js';

/** What a button is about: never who the patient is, never who acts. */
export interface About {
  readonly caseNumber: string;
  readonly revision: number;
}

type Style = NonNullable<Submit['style']>;

function dataOf(verb: string, { caseNumber, revision }: About): ActionData {
  return { verb, caseNumber, revision };
}

/** Opens the person's own view as a dialog (task/fetch), after the check that they may see it. The only button of a shared place. */
export function openButton(title: string, about: About): Submit {
  return { type: 'Action.Submit', title, data: { msteams: { type: 'task/fetch' }, ...dataOf('open', about) } };
}

/** A button that needs nothing typed. Action.Submit: the one kind that works in a dialog as well as in a chat. */
export function plainButton(title: string, verb: string, about: About, style?: Style): Submit {
  const data = dataOf(verb, about);
  return { type: 'Action.Submit', title, data, associatedInputs: 'none', ...(style === undefined ? {} : { style }) };
}

/** A button that opens its own inputs and sends them; inputs of the other buttons are not asked for. @param style of the button that sends. */
export function askingButton(
  title: string,
  verb: string,
  about: About,
  inputs: readonly (InputText | InputChoiceSet)[],
  sendTitle: string,
  style?: Style,
): ShowCard {
  return { type: 'Action.ShowCard', title, card: { type: 'AdaptiveCard', body: inputs, actions: [sendButton(sendTitle, verb, about, style)] } };
}

/** Sends the inputs that it stands under. */
export function sendButton(title: string, verb: string, about: About, style?: Style): Submit {
  return { type: 'Action.Submit', title, data: dataOf(verb, about), ...(style === undefined ? {} : { style }) };
}

/** A button that says what follows before it sends; for what is hard to undo. @param more that the second press brings with it */
export function confirmingButton(
  title: string,
  verb: string,
  about: About,
  says: string,
  sendTitle: string,
  more: Pick<ActionData, 'round' | 'confirmed'>,
): ShowCard {
  const send: Submit = { type: 'Action.Submit', title: sendTitle, data: { ...dataOf(verb, about), ...more }, style: 'destructive' };
  return { type: 'Action.ShowCard', title, card: { type: 'AdaptiveCard', body: [textBlock(says)], actions: [send] } };
}

/** For a card in a private chat: Action.Execute, and for a client that has none the same as Action.Submit. */
export function chatButton(title: string, verb: string, about: About): Execute {
  const data = dataOf(verb, about);
  return { type: 'Action.Execute', title, verb, data, fallback: { type: 'Action.Submit', title, data } };
}

/** Opens a call in Teams; who presses still begins it there. @param account userPrincipalName, of people.json */
export function callButton(title: string, account: string): OpenCall {
  return { type: 'Action.OpenUrl', title, url: `https://teams.microsoft.com/l/call/0/0?users=${encodeURIComponent(account)}` };
}

interface TextOptions {
  readonly required: string | null;
  readonly placeholder?: string;
  /** One line: a number, a name, a time. @default false */
  readonly isShort?: boolean;
  /** What this person has typed before. */
  readonly typed?: string;
  /** Characters. @default 1000 */
  readonly most?: number;
}

/** @param id what the answer is called in the data that comes back; unique in the whole card. */
export function textInput(id: string, label: string, { required, placeholder, isShort = false, typed, most = 1000 }: TextOptions): InputText {
  return {
    type: 'Input.Text',
    id,
    label,
    isMultiline: !isShort,
    maxLength: most,
    ...(typed === undefined ? {} : { value: typed }),
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(required === null ? {} : { isRequired: true, errorMessage: required }),
  };
}

/** A list to search in; nothing is chosen beforehand. */
export function choiceInput(
  id: string,
  label: string,
  choices: readonly { readonly title: string; readonly value: string }[],
  said: { readonly required: string | null; readonly placeholder: string },
): InputChoiceSet {
  return {
    type: 'Input.ChoiceSet',
    id,
    label,
    style: 'filtered',
    placeholder: said.placeholder,
    ...(said.required === null ? {} : { isRequired: true as const, errorMessage: said.required }),
    choices: choices.map(({ title, value }) => ({ title: shorten(clean(title), 90), value })),
  };
}
