import type { CustodyAction } from '#core/action.js';
import { caseNumber as caseNumberOf } from '#core/ids.js';
import type { CaseNumber } from '#core/ids.js';
import type { Role } from '#core/people.js';
import type { RetentionPolicy } from '#domain/retention.js';
import type { AuditEntry } from '#ports/audit-store.js';
import type { Custodian, Custody, CustodyReply, CustodyRequest, KeptCase } from '#ports/custody.js';
import type { Bulk, Queue } from '#ports/queue.js';
import { SiteKeyError } from '#ports/site-key.js';
import { actorOf, admitted } from './caller.ts';
import type { Asker } from './caller.ts';
import { actText, caseText, hasNoCase, shredText } from './custody-words.ts';
import type { Parts } from './parts.ts';
import { policyShown } from './retention.ts';
import { answerPolicy } from './critical-policy.ts';
import type { KeptPolicy, PolicyRequest } from './critical-policy.ts';
import { askSecond, askedFor, confirmed } from './second-person.ts';

/** What keys and retention are looked after with. */
export interface Keeping {
  readonly parts: Pick<Parts, 'audit' | 'directory' | 'clock' | 'log'>;
  readonly queue: Pick<Queue, 'openBulk' | 'bulk' | 'apply' | 'caseOf'>;
  /** Null: the store's host looks after them (Key Vault). */
  readonly custody: Custody | null;
  /** What site.json asks for. */
  readonly wanted: RetentionPolicy;
  /** The policy of critical results; null: the site has not set them up. @default null */
  readonly critical?: KeptPolicy | null;
  /** On the rehearsal site one laptop plays several people. */
  readonly rehearsal: boolean;
  /** A rotation has begun: goes on with it. */
  readonly rewrap: () => void;
}

/** What is there, once it is known to be there. */
type Kept = Keeping & { readonly custody: Custody };

type Refused = Extract<CustodyReply, { ok: false }>;
type OnCase = Extract<CustodyRequest, { ask: 'retention-hold' | 'retention-unhold' | 'retention-shred' }>;
type Shorten = Extract<CustodyRequest, { ask: 'retention-shorten' }>;

const noReason = refused('no-reason', 'Say why with --reason: it stands in the audit. No patient data in it.');
const notHere = refused(
  'not-possible',
  'On Azure Key Vault keeps the keys and changes them (infra/README.md, "Rotate keys"), and retention can not be asked for here yet.',
);

/** Lets administrators look after the keys, and privacy auditors after what is kept (INVARIANTS 3). */
export function custodian(keeping: Keeping): Custodian {
  return {
    async ask(caller, request) {
      const asker = await admitted(keeping.parts, keeping.rehearsal, caller, { action: request.ask, usually: usually(request) });
      if (!('person' in asker)) return asker;
      if (isOfPolicy(request)) return answerPolicy({ ...keeping, critical: keeping.critical ?? null }, asker, request);
      const { custody } = keeping;
      if (custody === null) return notHere;
      try {
        return await answer({ ...keeping, custody }, asker, request);
      } catch (error) {
        if (!(error instanceof SiteKeyError)) throw error;
        // It says what is wrong with the file, and how to mend it.
        await keeping.parts.audit.record({ ...rowOf(keeping, asker, { action: request.ask, detail: {} }), outcome: 'nothing' });
        return refused('not-possible', `${error.message} Nothing was done.`);
      }
    },
  };
}

function refused(code: Refused['code'], text: string): Refused {
  return { ok: false, code, text };
}

/** Whom a laptop's own account plays at the rehearsal site. */
function usually({ ask }: CustodyRequest): Role {
  if (ask === 'critical-policy-confirm') return 'reading-radiologist';
  if (ask.startsWith('critical-')) return 'coordinator';
  return ask.startsWith('keys-') || ask === 'retention-shorten' ? 'admin' : 'auditor';
}

function isOfPolicy(request: CustodyRequest): request is PolicyRequest {
  return request.ask.startsWith('critical-policy-');
}

async function answer(keeping: Kept, asker: Asker, request: Exclude<CustodyRequest, PolicyRequest>): Promise<CustodyReply> {
  const { custody, wanted } = keeping;
  switch (request.ask) {
    case 'keys-show':
      return { ok: true, answer: 'keys', keys: await custody.keys.show() };
    case 'keys-rotate':
      return rotate(keeping, asker, request);
    case 'retention-show':
      if (request.caseNumber !== null) return showCase(keeping, request.caseNumber);
      return { ok: true, answer: 'retention', policy: await policyShown(custody.data, wanted), held: await custody.data.held() };
    case 'retention-hold':
    case 'retention-unhold':
    case 'retention-shred':
      return actOnCase(keeping, asker, request);
    case 'retention-shorten':
      return shorten(keeping, asker, request);
    case 'retention-confirm':
      return confirm(keeping, asker, request.bulk);
    default:
      return request satisfies never;
  }
}

async function rotate(keeping: Kept, asker: Asker, request: Extract<CustodyRequest, { ask: 'keys-rotate' }>): Promise<CustodyReply> {
  const { keys } = keeping.custody;
  const reason = request.reason.trim();
  const { dryRun } = request;
  if (reason === '' && !dryRun) return noReason;
  const { file, versions, waiting } = await keys.show();
  const underWay = refused('not-possible', `The last rotation is not done yet: ${waiting} keys are still to be wrapped anew. Nothing was done.`);
  if (dryRun) {
    if (waiting > 0) return underWay;
    const dataKeys = versions.reduce((sum, one) => sum + one.dataKeys, 0);
    const text = `version ${versions.length + 1} of the site key is made in ${file}, and ${dataKeys} data keys are wrapped anew while the service works`;
    return { ok: true, answer: 'acted', dryRun, text: [text, 'what is sealed stays as it is; older versions stay in the file'] };
  }
  const row = rowOf(keeping, asker, { action: 'keys-rotate', detail: { reason } });
  const version = await keys.rotate({ ...row, outcome: 'done' });
  if (version === null) {
    await keeping.parts.audit.record({ ...row, outcome: 'nothing' });
    return underWay;
  }
  keeping.rewrap();
  const copy = `copy ${file} to where you keep its copy now: the older copy does not open the store any more`;
  return { ok: true, answer: 'acted', dryRun, text: [`version ${version} of the site key wraps and signs from now on`, copy] };
}

/** Of an act: who, when, how proven. */
function rowOf(
  { parts }: Keeping,
  asker: Asker,
  { action, detail }: { readonly action: CustodyAction; readonly detail: AuditEntry['detail'] },
): Omit<AuditEntry, 'outcome'> {
  return { caseId: null, at: parts.clock.now(), actor: actorOf(asker), action, detail: { ...asker.proof, ...detail } };
}

async function showCase({ custody }: Kept, asked: string): Promise<CustodyReply> {
  const number = numberIn(asked);
  const kept = number === null ? null : await custody.data.find(number);
  return kept === null ? hasNoCase(asked) : { ok: true, answer: 'case', kept, text: caseText(kept) };
}

function numberIn(asked: string): CaseNumber | null {
  const parsed = caseNumberOf.safeParse(asked.trim().toUpperCase());
  return parsed.success ? parsed.data : null;
}

/** Why this act is not done on a case as it stands; null: it can be. */
function hinders(ask: OnCase['ask'], kept: KeptCase): string | null {
  if (ask === 'retention-unhold') return kept.hold === null ? `Case ${kept.number} is not under legal hold.` : null;
  if (kept.shreddedAt !== null) return `The data of case ${kept.number} was deleted at ${kept.shreddedAt}.`;
  if (ask === 'retention-hold') return kept.hold === null ? null : `Case ${kept.number} is under legal hold already: ${kept.hold.reason}.`;
  if (kept.stays === 'under legal hold')
    return `Case ${kept.number} is under legal hold: its data stays until that is lifted (radloop retention unhold).`;
  if (kept.stays === 'not ended')
    return `Case ${kept.number} has not ended: somebody is expected to act, or something waits to be sent or is held. Its data stays until then.`;
  return null;
}

async function actOnCase(keeping: Kept, asker: Asker, { ask, caseNumber, reason: given, dryRun }: OnCase): Promise<CustodyReply> {
  const reason = given.trim();
  if (reason === '' && !dryRun) return noReason;
  const number = numberIn(caseNumber);
  const kept = number === null ? null : await keeping.custody.data.find(number);
  const row = rowOf(keeping, asker, { action: ask, detail: { number, reason } });
  const nothing = async (reply: Refused): Promise<Refused> => {
    if (!dryRun) await keeping.parts.audit.record({ ...row, outcome: 'nothing' });
    return reply;
  };
  if (kept === null) return nothing(hasNoCase(caseNumber));
  const why = hinders(ask, kept);
  if (why !== null) return nothing(refused('not-possible', why));
  const text = ask === 'retention-shred' ? shredText(kept) : actText(ask, kept);
  if (dryRun) return { ok: true, answer: 'acted', dryRun, text };
  if (ask !== 'retention-hold') {
    const act = ask === 'retention-shred' ? 'shred' : 'unhold';
    return { ok: true, answer: 'waits', ...(await askSecond(keeping, asker, ask, { act, items: [`c${kept.number}`], reason })), text };
  }
  if (!(await keeping.custody.data.hold(kept.number, reason, { ...row, detail: asker.proof }))) return nothing(hasNoCase(caseNumber));
  keeping.parts.log.info('retention.acted', { act: 'hold' });
  return { ok: true, answer: 'acted', dryRun, text };
}

async function shorten(keeping: Kept, asker: Asker, { reason: given, dryRun }: Shorten): Promise<CustodyReply> {
  const reason = given.trim();
  if (reason === '' && !dryRun) return noReason;
  const { shorter, notBefore } = await policyShown(keeping.custody.data, keeping.wanted);
  if (shorter.length === 0) {
    if (!dryRun)
      await keeping.parts.audit.record({ ...rowOf(keeping, asker, { action: 'retention-shorten', detail: { reason } }), outcome: 'nothing' });
    return refused(
      'not-possible',
      'site.json asks for nothing shorter than what is in force: change "retention" there and start Radloop again first.',
    );
  }
  const when =
    notBefore === null || notBefore <= keeping.parts.clock.now() ? 'within the hour' : `not before ${notBefore}: until then it waits to be looked at`;
  const text = [...shorter, `what is older goes with the next sweep, ${when}; what is under legal hold stays`];
  if (dryRun) return { ok: true, answer: 'acted', dryRun, text };
  return { ok: true, answer: 'waits', ...(await askSecond(keeping, asker, 'retention-shorten', { act: 'shorten', items: shorter, reason })), text };
}

async function confirm(keeping: Kept, asker: Asker, id: string): Promise<CustodyReply> {
  const bulk = await askedFor(keeping, id);
  if (bulk === null)
    return refused('unknown', `Nothing waits as ${id}: what waits is named when it is asked for (b1, b2 …), and in "radloop q list".`);
  const { act } = bulk;
  if (act === 'retry' || act === 'skip' || act === 'release') return refused('not-possible', `${id} is an operator's: radloop q confirm ${id}.`);
  if (act === 'loosen') return refused('not-possible', `${id} is of critical results: radloop critical policy confirm ${id}.`);
  const yes = await confirmed(keeping, asker, bulk, { asked: `retention-${act}`, confirms: 'retention-confirm' });
  if (!('requester' in yes)) return yes;
  const row = rowOf(
    keeping,
    { person: yes.requester, proof: {} },
    {
      action: `retention-${act}`,
      detail: { bulk: id, confirmedBy: asker.person.id },
    },
  );
  const text = await perform(keeping, bulk, row);
  keeping.parts.log.info('retention.acted', { act });
  return { ok: true, answer: 'acted', dryRun: false, text };
}

/** As the case stands now: a hold that came meanwhile wins. */
async function perform({ custody: { data }, parts, wanted }: Kept, bulk: Bulk, row: Omit<AuditEntry, 'outcome'>): Promise<readonly string[]> {
  const { act, items, reason } = bulk;
  if (act === 'shorten') {
    const { shorter } = await policyShown(data, wanted);
    if (shorter.join() !== items.join()) {
      await parts.audit.record({ ...row, outcome: 'nothing' });
      return ['NOT done: site.json asks for something else by now. Ask for it again.'];
    }
    await data.adopt(wanted, { ...row, outcome: 'done', detail: { ...row.detail, reason, shorter: shorter.join('; ') } });
    return shorter;
  }
  const number = caseNumberOf.parse(items[0]?.slice(1));
  const isDone =
    act === 'unhold' ? await data.hold(number, null, { ...row, detail: { ...row.detail, reason } }) : await data.shred(number, { ...row, reason });
  if (isDone === true) return [`case ${number} is not under legal hold any more`];
  if (isDone === null)
    return [`the patient data of case ${number} can not be read by anybody any more; its number, its audit and the hashes of its receipts stay`];
  await parts.audit.record({ ...row, outcome: 'nothing', detail: { ...row.detail, number } });
  return [`NOT done: case ${number} is ${isDone === false ? 'unknown, or its data is gone' : isDone}`];
}
