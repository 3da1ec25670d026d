import type { CustodyReply, KeptCase } from '#ports/custody.js';

/** What people are told of a case's data before they act on it. */

export function hasNoCase(asked: string): Extract<CustodyReply, { ok: false }> {
  return { ok: false, code: 'unknown', text: `There is no case ${asked}.` };
}

export function caseText(kept: KeptCase): readonly string[] {
  const { number, hold, shreddedAt } = kept;
  if (shreddedAt !== null) {
    return [`${number}: its patient data was deleted at ${shreddedAt}`, ...staying(kept)];
  }
  const held =
    hold === null ? [] : [`under legal hold since ${hold.since ?? 'an unknown time'} by ${hold.by ?? 'an unknown person'}: ${hold.reason}`];
  return [`${number}: ${kept.stays ?? 'ended, its data may be deleted'}`, ...held, `kept: ${counted(kept)}`, ...staying(kept)];
}

/** What somebody who asks for erasure is told: what goes, what stays, and where it still is. */
export function shredText(kept: KeptCase): readonly string[] {
  return [
    `GONE for good: what case ${kept.number} holds of the patient: ${counted(kept)}; its key, and the hashes by which its order and patient found it; the patient’s number and place, unless another case needs them`,
    ...staying(kept),
    'AFTERWARDS: what comes under its order number, also an order that uses it again, waits for a person (radloop q list); number and place that a message tells later go with the messages of that day',
    'STAYS elsewhere: backups that were made before hold the data and its key until they are deleted; RIS, EHR and Teams keep their own',
  ];
}

export function actText(ask: 'retention-hold' | 'retention-unhold', { number }: KeptCase): readonly string[] {
  if (ask === 'retention-hold')
    return [`the data of case ${number}, its messages and its audit stay until the hold is lifted, whatever the retention says`];
  return [`case ${number} is kept as long as the retention says, no longer: what is older than that goes within the hour`];
}

function counted({ facts, deliveries, messages }: KeptCase): string {
  return `${facts} entries of its history, ${deliveries} deliveries, ${messages} messages`;
}

function staying({ auditRows, receipts, shared, shreddedAt }: KeptCase): readonly string[] {
  const more =
    shared === 0 || shreddedAt !== null
      ? []
      : [`STAYS until its days are over: ${shared} messages that other cases, or reports without their order, came by too`];
  return [
    `STAYS: its number, ${auditRows} rows of audit (no patient data), the hashes of ${receipts} receipts; of the patient’s number a keyed hash`,
    ...more,
  ];
}
