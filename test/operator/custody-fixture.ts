import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataCustody } from '#adapters/embedded/data-custody.js';
import { keyCustody } from '#adapters/embedded/key-rotation.js';
import { queueStore } from '#adapters/embedded/queue-store.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import { person } from '#core/people.js';
import type { Person } from '#core/people.js';
import type { Instant } from '#core/time.js';
import { retention } from '#domain/retention.js';
import type { RetentionPolicy } from '#domain/retention.js';
import { custodian } from '#engine/custodian.js';
import type { Custody, CustodyReply, CustodyRequest } from '#ports/custody.js';
import { directoryOf, okafor, silentLog } from '../support/clinic.ts';
import { appendTo, embeddedStores, row, t0 } from '../support/store-fixture.ts';
import type { EmbeddedStores } from '../support/store-fixture.ts';

const guid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const of = (n: number, id: string, name: string, role: string): Person =>
  person.parse({ id, name, roles: [role], aadObjectId: guid(n), osAccount: id.replaceAll(/[^a-z]/gu, '') });

/** Two privacy auditors, an administrator, an operator and a radiologist, each with an account: their id without its dash. */
const people = [
  of(1, 'v-moreau', 'Vera Moreau', 'auditor'),
  of(2, 'j-silva', 'Joana Silva', 'auditor'),
  of(3, 'a-kim', 'Ada Kim', 'admin'),
  of(4, 'm-brandt', 'Mika Brandt', 'operator'),
  { ...okafor, osAccount: 'drokafor' },
];

export interface CustodyFixture {
  readonly folder: string;
  readonly stores: EmbeddedStores;
  readonly custody: Custody;
  readonly log: ReturnType<typeof silentLog>;
  now: Instant;
  /** Where Key Vault has the keys. */
  onAzure: boolean;
  /** What site.json asks for. */
  wanted: RetentionPolicy;
  /** How often a rotation has begun. */
  begun: number;
  ask(request: CustodyRequest, account?: string): Promise<CustodyReply>;
  /** A case that has ended, with one entry of its history. */
  ended(id: CaseId): Promise<CaseNumber>;
  audited(): readonly {
    readonly who: string;
    readonly action: string;
    readonly outcome: string;
    readonly detail: Readonly<Record<string, unknown>>;
  }[];
  close(): Promise<void>;
}

export function startCustodyFixture(): CustodyFixture {
  const work = mkdtempSync(join(tmpdir(), 'radloop-custody-'));
  const stores = embeddedStores(join(work, 'store'));
  const { db } = stores;
  const custody: Custody = { keys: keyCustody(db), data: dataCustody(db) };
  const log = silentLog();
  const queue = queueStore(db);
  const fixture: CustodyFixture = {
    ...{ folder: stores.folder, stores, custody, log, now: t0, onAzure: false, begun: 0 },
    wanted: retention.parse({ rawDays: 60, caseDays: 365, source: 'the hospital' }),
    ask(request, account = 'vmoreau') {
      const parts = { audit: stores.audit, directory: directoryOf(people), clock: { now: () => fixture.now }, log };
      const desk = custodian({
        ...{ parts, queue, custody: fixture.onAzure ? null : custody, wanted: fixture.wanted, rehearsal: false },
        rewrap: () => {
          fixture.begun += 1;
        },
      });
      return desk.ask({ account, as: null }, request);
    },
    async ended(id) {
      await appendTo(stores, id, {
        facts: [{ type: 'told', fact: { name: 'Abara^Vera' } }],
        keys: [`patient|MRN|${id}`],
        row: { ...row, open: false },
      });
      return db.get<{ number: CaseNumber }>('SELECT number FROM cases WHERE case_id = ?', id)?.number ?? ('' as CaseNumber);
    },
    audited: () =>
      db
        .all<{ actor: string; action: string; outcome: string; detail: string }>(
          "SELECT actor, action, outcome, detail FROM audit WHERE action LIKE 'keys-%' OR action LIKE 'retention-%' OR action LIKE 'legal-%' OR action = 'case-shredded' ORDER BY seq",
        )
        .map(({ actor, action, outcome, detail }) => {
          const who = JSON.parse(actor) as { person?: string; part?: string };
          return { who: who.person ?? who.part ?? '', action, outcome, detail: JSON.parse(detail) as Record<string, unknown> };
        }),
    async close() {
      await db.close();
      rmSync(work, { recursive: true });
    },
  };
  return fixture;
}

export function waiting(reply: CustodyReply): string {
  if (!reply.ok || reply.answer !== 'waits') throw new Error(`does not wait: ${JSON.stringify(reply)}`);
  return reply.bulk;
}

export function said(reply: CustodyReply): string {
  return reply.ok ? ('text' in reply ? reply.text.join('\n') : JSON.stringify(reply)) : reply.text;
}
