import { readContent } from '#adapters/embedded/content.js';
import { eventId } from '#core/ids.js';
import type { CaseId, CaseNumber } from '#core/ids.js';
import { instant } from '#core/time.js';
import type { Instant } from '#core/time.js';
import type { About } from '#domain/critical.js';
import { caseNow } from '#engine/case-now.js';
import { drillDesk } from '#engine/drill-desk.js';
import { runCase } from '#engine/run-case.js';
import type { DrillDesk, DrillReply, DrillReport, DrillRequest } from '#ports/drills.js';
import type { Page } from '#ports/pager.js';
import { testSite } from '../support/planned-orders.ts';
import { openWard, site } from '../tab/board-fixture.ts';
import type { Ward } from '../tab/board-fixture.ts';

/** Tuesday, 14:30 on the site's wall: the time that Neurosurgery has agreed to. */
export const AGREED = instant.parse('2026-11-24T20:30:00.000Z');
/** The day before. */
export const NOT_AGREED = instant.parse('2026-11-23T20:30:00.000Z');

/** What left for a person or a printer, and when. */
export interface Said {
  readonly at: Instant;
  /** `chat`, or a paging channel. */
  readonly way: string;
  readonly to: string;
  /** Everything that whoever gets it reads. */
  readonly text: string;
}

/** A ward with somebody who makes drills, and a record of everything that leaves. */
export interface DrillWard {
  readonly ward: Ward;
  readonly desk: DrillDesk;
  readonly said: Said[];
  /** What took the place of something that stood in a chat or a channel already, `to` where it stood. */
  readonly edited: Said[];
  /** As this person; drills of Neurosurgery unless it is said otherwise. */
  begin(as?: string, more?: Partial<Extract<DrillRequest, { ask: 'drill-start' }>>): Promise<DrillReply>;
  /** Its number; throws where there is none. */
  begun(as?: string, more?: Partial<Extract<DrillRequest, { ask: 'drill-start' }>>): Promise<CaseNumber>;
  report(drill: CaseNumber): Promise<DrillReport>;
  /** Written by a radiologist about somebody on a ward of this service. @param more of what is known of the exam */
  written(service: string, category?: 1 | 2 | 3, more?: Partial<About>): Promise<CaseNumber>;
  /** The same, and sent. */
  real(service: string, category?: 1 | 2 | 3, more?: Partial<About>): Promise<CaseNumber>;
  statusOf(number: CaseNumber): Promise<string>;
  /** What has left that names this case, without edits. */
  of(number: CaseNumber): readonly Said[];
  edits(number: CaseNumber): readonly Said[];
  close(): Promise<void>;
}

const { critical: windows } = readContent(testSite);
const services = site.onCall?.services ?? [];

export async function openDrillWard(now: Instant = AGREED): Promise<DrillWard> {
  const ward = await openWard(now);
  const { engine } = ward;
  const { parts, stores } = engine;
  const said: Said[] = [];
  const edited: Said[] = [];
  const tell = parts.people.tell.bind(parts.people);
  parts.people.tell = (to, card, of) => {
    said.push({ at: engine.now, way: 'chat', to, text: JSON.stringify(card) });
    return tell(to, card, of);
  };
  const post = parts.people.post.bind(parts.people);
  parts.people.post = (place, card, of) => {
    said.push({ at: engine.now, way: 'channel', to: place, text: JSON.stringify(card) });
    return post(place, card, of);
  };
  const edit = parts.people.edit.bind(parts.people);
  parts.people.edit = (before, card, of) => {
    edited.push({ at: engine.now, way: 'edit', to: before.place, text: JSON.stringify(card) });
    return edit(before, card, of);
  };
  const send = async ({ channel, address, subject, text, sheet = [] }: Page) => {
    said.push({ at: engine.now, way: channel, to: address, text: [subject, text, ...sheet].join('\n') });
    return { ok: true, receipt: { id: String(said.length) } } as const;
  };
  Object.assign(parts, { pager: { channels: new Set(['pager', 'sms', 'voice', 'email', 'print']), send } });
  const desk = drillDesk({
    ...{ parts, rules: site.drills, services, windows, rehearsal: true },
    site: { id: site.settings.id, zone: site.settings.zone, language: site.settings.language },
  });
  let alerts = 0;

  async function caseOf(number: CaseNumber): Promise<CaseId> {
    const known = await parts.cases.findByNumber(number);
    if (known === null) throw new Error(`there is no ${number}`);
    return known.caseId;
  }

  const world: DrillWard = {
    ...{ ward, desk, said, edited },
    async begin(as = 'dr-okafor', more = {}) {
      const request = { ask: 'drill-start', site: null, service: 'neurosurgery', category: 1, reason: null, ...more } as const;
      const reply = await desk.ask({ account: 'x', as }, request);
      await engine.settle();
      return reply;
    },
    async begun(as, more) {
      const reply = await world.begin(as, more);
      if (!reply.ok) throw new Error(reply.text);
      if (reply.answer !== 'said') throw new Error(reply.answer);
      return reply.caseNumber;
    },
    async report(caseNumber) {
      const reply = await desk.ask({ account: 'x', as: 'v-moreau' }, { ask: 'drill-show', caseNumber });
      const [drill] = reply.ok && reply.answer === 'drills' ? reply.drills : [];
      if (drill === undefined) throw new Error(JSON.stringify(reply));
      return drill;
    },
    async written(service, category = 1, more = {}) {
      alerts += 1;
      const caseId = parts.cases.caseIdOf('critical-results', `real ${alerts}`);
      const input = {
        ...{ type: 'criticalDrafted', by: { id: 'dr-okafor', name: 'Ngozi Okafor' }, via: 'button' },
        about: { ...aboutOn(service, engine.now), ...more },
        finding: { text: 'tension pneumothorax', classId: 'other', side: null, category },
      };
      const event = { id: eventId.parse(`written:${alerts}`), workflow: 'critical-results', caseId, occurredAt: engine.now } as const;
      await runCase(parts, { ...event, actor: { kind: 'system', part: 'test' }, input });
      const { caseNumber } = await caseNow(parts, 'critical-results', caseId);
      await engine.settle();
      return caseNumber;
    },
    async real(service, category = 1, more = {}) {
      const number = await world.written(service, category, more);
      const outcome = await ward.act('dr-okafor', number, 'release-critical');
      if (outcome !== 'won') throw new Error(`${number} was not sent: ${outcome}`);
      return number;
    },
    async statusOf(number) {
      const { workflow, state } = await caseNow(parts, 'critical-results', await caseOf(number));
      return workflow.see(state).row?.status ?? 'none';
    },
    of: (number) => said.filter(({ text }) => text.includes(number)),
    edits: (number) => edited.filter(({ text }) => text.includes(number)),
    close: () => stores.close(),
  };
  return world;
}

/** An inpatient on a ward of this service. */
function aboutOn(service: string, asOf: Instant): About {
  const pointOfCare = services.find(({ id }) => id === service)?.pointsOfCare[0] ?? 'NOWHERE';
  return {
    ...{ placerOrderNumber: { id: 'P1', assigner: 'HIS' }, fillerOrderNumber: null, accessionNumber: 'ACC1', procedure: null, priority: 'S' },
    patient: {
      ...{ id: '77001', assigner: 'MRN', identifiers: [{ id: '77001', assigner: 'MRN', type: 'MR' }] },
      ...{ name: { family: 'Zzyzxova', given: 'Xenia' }, birthDate: '19610303', sex: 'F' },
    },
    ...{ patientClass: 'I', orderingProvider: null, orderCase: null, exam: 'CT chest', modality: 'CT' },
    location: { at: { pointOfCare, room: '', bed: '', facility: '' }, asOf },
  };
}
