import { instant } from '#core/time.js';
import { at, lineAt, listAt } from '#domain/json.js';
import type { PageAnswer, PageAnswers } from '#ports/page-answers.js';
import { idIn } from './text.ts';

/** What a carrier takes for itself: whoever sends one of these wants no more messages. */
const OPT_OUT = /^\s*(?:stop|stopall|unsubscribe|cancel|end|quit)\s*$/iu;

/**
 * One delivery of Azure Communication Services: an array in the Event Grid schema, or CloudEvents 1.0, one or several
 * (learn.microsoft.com/azure/event-grid/communication-services-telephony-sms-events; of calls the callbacks of Call Automation). Names of fields begin with a small
 * letter, in events of before with a capital.
 */
export function readPageAnswers(body: Buffer): PageAnswers | null {
  const json = jsonOf(body);
  const events: readonly unknown[] = Array.isArray(json) ? json : [json];
  const kinds = events.map((event) => lineAt(event, 'eventType') ?? lineAt(event, 'type'));
  if (events.length === 0 || kinds.some((kind) => kind === null)) return null;
  const validation = events.find((_, index) => kinds[index] === 'Microsoft.EventGrid.SubscriptionValidationEvent');
  const answers = events.flatMap((event, index) => answerIn(kinds[index] ?? '', event) ?? []);
  return {
    validationCode: validation === undefined ? null : lineAt(validation, 'data', 'validationCode'),
    answers,
    ignored: events.length - answers.length - (validation === undefined ? 0 : 1),
  };
}

function answerIn(kind: string, event: unknown): PageAnswer | null {
  const data = at(event, 'data');
  switch (kind) {
    case 'Microsoft.Communication.SMSDeliveryReportReceived': {
      const status = textIn(data, 'deliveryStatus');
      const what = status === 'Delivered' ? 'delivered' : status === 'Failed' ? 'undeliverable' : null;
      return what === null ? null : ofPage('sms', textIn(data, 'messageId'), what);
    }
    case 'Microsoft.Communication.SMSReceived': {
      const from = (textIn(data, 'from') ?? '').replaceAll(/\D/gu, '');
      const id = lineAt(event, 'id');
      if (from === '' || id === null || OPT_OUT.test(textIn(data, 'message') ?? '')) return null;
      return { of: 'number', channel: 'sms', id, from, at: timeIn(textIn(data, 'receivedTimestamp')) };
    }
    case 'Microsoft.Communication.RecognizeCompleted':
      return listAt(data, 'dtmfResult', 'tones').length === 0 ? null : ofPage('voice', textIn(data, 'callConnectionId'), 'answered');
    case 'Microsoft.Communication.ContinuousDtmfRecognitionToneReceived':
      return lineAt(data, 'tone') === null ? null : ofPage('voice', textIn(data, 'callConnectionId'), 'answered');
    default:
      return null;
  }
}

function ofPage(channel: 'sms' | 'voice', said: string | null, what: 'delivered' | 'undeliverable' | 'answered'): PageAnswer | null {
  const receipt = idIn(said);
  return receipt === null ? null : { of: 'page', channel, receipt, what };
}

function textIn(data: unknown, name: string): string | null {
  return lineAt(data, name) ?? lineAt(data, `${name.charAt(0).toUpperCase()}${name.slice(1)}`);
}

/** Fractions of a second are of any length there. */
function timeIn(said: string | null): PageAnswerTime {
  const ms = Date.parse((said ?? '').replace(/(\.\d{3})\d*/u, '$1'));
  return Number.isNaN(ms) ? null : (instant.safeParse(new Date(ms).toISOString()).data ?? null);
}
type PageAnswerTime = Extract<PageAnswer, { of: 'number' }>['at'];

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
