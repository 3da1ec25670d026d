import { MOST_ACTIONS, askingButton, choiceInput, plainButton, sendButton, textInput } from '#cards/kit/ask.js';
import { container, textBlock } from '#cards/kit/card.js';
import type { Action, Container, Submit } from '#cards/kit/card.js';
import type { Action as Right } from '#core/action.js';
import type { May } from '#core/workflow.js';
import { aboutOf } from './card-meta.ts';
import type { Meta } from './card-meta.ts';
import { ruleOf } from './policy.ts';
import { isEnded, unjudged as notJudged, unseenOf } from './state.ts';
import type { Alert } from './state.ts';
import { wordsIn } from './words-in.ts';

/** The buttons of this person, at this moment; none of a drill that is over. Nothing is filled in and nothing is chosen beforehand. @param isOpened the form of the read-back stands there already */
export function actionsOf(alert: Alert, meta: Meta, person: May, isOpened = false): readonly Action[] {
  if (alert.drill && isEnded(alert)) return [];
  const { ask } = wordsIn(meta.language);
  const about = aboutOf(alert, meta);
  const may = (right: Right): boolean => person.allows?.(right) ?? false;
  const reason = textInput('reason', ask.reason, { required: ask.reasonRequired });
  const { status, failsafe } = alert;
  const buttons: (Action | false)[] = [];
  const unjudged = status === 'draft' || status === 'asking';
  if (unjudged) {
    // A coordinator sends what the policy of its category lets them.
    const { releasedBy } = ruleOf(alert, meta.policy);
    const maySend = may('release-critical') && (may('declare-critical') || releasedBy.includes('coordinator'));
    buttons.push(
      maySend && plainButton(status === 'draft' ? ask.send : ask.sendAs[alert.finding.category], 'release-critical', about, 'positive'),
      may('not-critical') && askingButton(ask.notCritical, 'not-critical', about, [reason], ask.confirm, 'destructive'),
    );
  }
  if (status === 'open' || status === 'acknowledged') {
    const own = alert.acknowledged === null;
    buttons.push(
      may('acknowledge') && own && plainButton(ask.acknowledge, 'acknowledge', about, 'positive'),
      may('read-back') && !isOpened && askingButton(ask.readBack, 'read-back', about, readBackInputs(meta), ask.sendReadBack, 'positive'),
      may('on-my-way') && own && plainButton(ask.onMyWay, 'on-my-way', about),
      may('decline-alert') &&
        askingButton(ask.decline, 'decline-alert', about, [textInput('declineReason', ask.reason, { required: ask.reasonRequired })], ask.confirm),
      may('take-over') &&
        !may('acknowledge') &&
        askingButton(ask.takeOver, 'take-over', about, [textInput('overReason', ask.reason, { required: ask.reasonRequired })], ask.confirm),
    );
  }
  if (status === 'open' && failsafe !== null) {
    buttons.push(
      may('take-failsafe') && failsafe.taken === null && plainButton(ask.takeFailsafe, 'take-failsafe', about, 'positive'),
      may('record-attempt') &&
        askingButton(
          ask.recordAttempt,
          'record-attempt',
          about,
          [
            textInput('attemptTo', ask.attemptTo, { required: null, isShort: true }),
            textInput('attempt', ask.attemptHow, { required: ask.attemptHow }),
          ],
          ask.confirm,
        ),
    );
  }
  const [alike] = isEnded(alert) ? [] : notJudged(alert);
  if (alike !== undefined) {
    buttons.push(
      may('join-alert') && aboutAlike(plainButton(ask.same(alike.with), 'join-alert', about), alike.with),
      may('keep-apart') && aboutAlike(plainButton(ask.notSame(alike.with), 'keep-apart', about), alike.with),
    );
  }
  const unseen = unseenOf(alert);
  if (unseen.length > 0) buttons.push(may('seen') && seenButton(alert, meta));
  if (unseen.length > 0 || (!unjudged && !isEnded(alert))) buttons.push(may('record-call') && callButton(alert, meta));
  const isReadBack = alert.readBack !== null && status !== 'withdrawn' && !unjudged;
  if (alert.seenByPhone.length > 0 && !isReadBack) buttons.push(may('not-me') && plainButton(ask.notMe, 'not-me', about, 'destructive'));
  if (isReadBack) {
    buttons.push(
      may('not-what-i-said') &&
        askingButton(
          ask.notWhatISaid,
          'not-what-i-said',
          about,
          [textInput('disputeText', ask.reason, { required: ask.reasonRequired })],
          ask.confirm,
          'destructive',
        ),
      may('not-me') && plainButton(ask.notMe, 'not-me', about, 'destructive'),
    );
  }
  if (status !== 'withdrawn' && (!isEnded(alert) || status === 'closed')) {
    buttons.push(
      !isEnded(alert) &&
        may('recategorise') &&
        askingButton(
          ask.recategorise,
          'recategorise',
          about,
          [categoryInput(meta), textInput('categoryReason', ask.reason, { required: ask.reasonRequired })],
          ask.confirm,
        ),
      // What was communicated can be taken back also while more is asked of it.
      (!unjudged || alert.overBefore?.status === 'closed') && may('withdraw-critical') && withdrawButton(alert, meta),
    );
  }
  const shown = buttons.filter((button) => button !== false);
  return fitting(shown, [ask.onMyWay, ask.recordAttempt, ask.recategorise, ask.decline]);
}

/**
 * The form of a read-back, open: of one that is due, or was refused, with the person's own words; the number alone is empty. Asked for by nothing but words here: what a form of the card
 * itself requires, the other buttons would require too.
 */
export function readBackForm(alert: Alert, meta: Meta, person: May, typed: Readonly<Record<string, string>>): Container | null {
  const isWanted = alert.status === 'open' || alert.status === 'acknowledged';
  if (!isWanted || person.allows?.('read-back') !== true) return null;
  const { ask } = wordsIn(meta.language);
  const { finding, action } = typed;
  return container('emphasis', [
    textBlock(ask.readBack, { weight: 'bolder' }),
    textInput('identifier', ask.identifier, { required: null, isShort: true }),
    textInput('finding', ask.finding, { required: null, ...(finding === undefined ? {} : { typed: finding }) }),
    textInput('action', ask.action, { required: null, ...(action === undefined ? {} : { typed: action }) }),
    { type: 'ActionSet', actions: [sendButton(ask.sendReadBack, 'read-back', aboutOf(alert, meta), 'positive')] },
  ]);
}

function withdrawButton(alert: Alert, meta: Meta): Action {
  const { ask } = wordsIn(meta.language);
  const about = aboutOf(alert, meta);
  if (alert.drill) return plainButton(ask.endDrill, 'withdraw-critical', about, 'destructive');
  const inputs = [kindInput(meta), textInput('withdrawReason', ask.reason, { required: ask.reasonRequired })];
  return askingButton(ask.withdraw, 'withdraw-critical', about, inputs, ask.confirm, 'destructive');
}

/** With the other alert that was looked at: of several it is said of no other. */
function aboutAlike(button: Submit, alike: string): Submit {
  return { ...button, data: { ...button.data, alike } };
}

export function seenButton(alert: Alert, meta: Meta): Action {
  return plainButton(wordsIn(meta.language).ask.seen, 'seen', aboutOf(alert, meta), 'positive');
}

/** What Teams shows of buttons; the first of `spare` give way, which are words in the chat as well. */
function fitting(buttons: readonly Action[], spare: readonly string[]): readonly Action[] {
  const [title, ...rest] = spare;
  return buttons.length <= MOST_ACTIONS || title === undefined
    ? buttons
    : fitting(
        buttons.filter((one) => one.title !== title),
        rest,
      );
}

function readBackInputs({ language }: Meta) {
  const { ask } = wordsIn(language);
  return [
    textInput('identifier', ask.identifier, { required: ask.identifierRequired, isShort: true }),
    textInput('finding', ask.finding, { required: ask.findingRequired }),
    textInput('action', ask.action, { required: ask.actionRequired }),
  ];
}

/** Of an alert that was read back on screen the conversation alone; of one that nobody is called for who was told what became of it; of another one all, with who took the call. */
function callButton(alert: Alert, meta: Meta): Action {
  const { ask } = wordsIn(meta.language);
  const when = textInput('when', ask.when, { required: null, isShort: true });
  const spoke = textInput('spoke', ask.spoke, { required: null, isShort: true });
  const isOver = alert.status !== 'open' && alert.status !== 'acknowledged' && alert.status !== 'read-back';
  const receivers = [...new Set(isOver ? unseenOf(alert) : alert.addressed)].map((value) => ({ value, title: meta.names[value] ?? value }));
  const who = choiceInput('receiver', ask.receiver, receivers, { required: ask.receiverRequired, placeholder: ask.receiverPlaceholder });
  const said = [
    who,
    textInput('saidBack', ask.saidBack, { required: ask.saidBackRequired }),
    textInput('callAction', ask.action, { required: null }),
    spoke,
    when,
  ];
  return askingButton(
    alert.status === 'read-back' ? ask.recordConversation : ask.recordCall,
    'record-call',
    aboutOf(alert, meta),
    alert.status === 'read-back' ? [spoke, when] : isOver ? [who] : said,
    ask.confirm,
  );
}

function categoryInput({ language }: Meta) {
  const { ask, category } = wordsIn(language);
  const choices = ([1, 2, 3] as const).map((value) => ({ value: String(value), title: category[value] }));
  return choiceInput('category', ask.category, choices, { required: ask.categoryRequired, placeholder: ask.category });
}

function kindInput({ language }: Meta) {
  const { ask } = wordsIn(language);
  const choices = (['withdrawn', 'wrong-patient', 'corrected'] as const).map((value) => ({ value, title: ask.withdrawKinds[value] }));
  return choiceInput('withdrawKind', ask.withdrawKind, choices, { required: ask.withdrawKindRequired, placeholder: ask.withdrawKind });
}
