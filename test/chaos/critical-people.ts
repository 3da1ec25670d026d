import { setTimeout as pause } from 'node:timers/promises';
import type { CaseReply, CaseRequest } from '#ports/case-desk.js';
import { askCase } from '../../infra/cli/q-ask.ts';
import { exchangeBytes, frame } from '../support/mllp-wire.ts';
import { COORDINATOR, DECLARER, DUTY, SWITCHBOARD } from './critical-site.ts';
import type { Sent, Ward } from './critical-site.ts';
import type { Act } from './critical-timeline.ts';

/** An answer that does not come is asked for again: the service is killed now and then. */
const ASK_AGAIN_MS = 200;
const GIVES_UP_AFTER_MS = 300_000;

interface Said {
  readonly counted: boolean;
  readonly text: string;
}
/** What a person did, and by when they had their answer. */
type Did = (alert: string, by: string, does: Act['does'], more?: Readonly<Record<string, string>>) => Promise<Said>;

export interface OutagePeople {
  /** Everything that anybody did, in its order. */
  readonly acts: readonly Act[];
  /** Where the patient is, and an order for an exam. */
  order(exam: Exam): Promise<void>;
  /** A signed report whose text asks whether it is critical; gives when it was sent and when it was taken. */
  report(exam: Exam, finding: string): Promise<Omit<Sent, 'alert'>>;
  /** Written, looked at and sent by a radiologist. */
  send(exam: Exam, finding: string, category: 1 | 2, how: 'tab' | 'command line'): Promise<Sent>;
  /** In a browser, by the tab; by the command line. */
  readonly onTab: Did;
  readonly onCommandLine: Did;
  /** What the duty radiologist reads when they open a question. */
  read(alert: string): Promise<string>;
}

export interface Exam {
  readonly n: number;
  readonly record: string;
  readonly accession: string;
  readonly ward: Ward;
}

export function examOf(n: number, ward: Ward): Exam {
  return { n, record: String(7_100_000 + n), accession: `A${String(640_000_000 + n)}`, ward };
}

/** People of the hospital during an outage: whatever of Teams is gone, they have a browser and a command line. */
export function outagePeople({ data, http, mllp }: { readonly data: string; readonly http: number; readonly mllp: number }): OutagePeople {
  const acts: Act[] = [];
  const url = `http://127.0.0.1:${http}/api/tab`;
  const post = async (path: string, body: object, token?: string): Promise<unknown> => {
    const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await fetch(`${url}/${path}`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json', ...authorization }, body: JSON.stringify(body) },
      signal: AbortSignal.timeout(15_000),
    });
    if (answer.status === 401 || answer.status >= 500) throw new Error(`HTTP ${answer.status}`);
    return answer.json();
  };
  const tab = (person: string, asks: object): Promise<TabSays> =>
    untilAnswered(async () => {
      const { access_token: token } = (await post('sign-in', { person })) as { access_token: string };
      return (await post('ask', asks, token)) as TabSays;
    });
  const line = (as: string, request: CaseRequest): Promise<CaseReply> => untilAnswered(() => askCase({ data, as }, request));
  const note = async (of: Pick<Act, 'alert' | 'by' | 'does'> & { readonly to?: string }, doIt: () => Promise<Said>): Promise<Said> => {
    const asked = Date.now();
    const said = await doIt();
    acts.push({ ...of, asked, at: Date.now(), counted: said.counted });
    return said;
  };
  const message = (type: string, { record, ward }: Exam, id: string, segments: readonly string[]): Buffer =>
    Buffer.from(
      [
        `MSH|^~\\&|FLOODRIS|RADLOOP-GENERAL|RADLOOP|RADLOOP-GENERAL|${hl7Now()}||${type}|${id}|P|2.5.1|||||USA|UNICODE UTF-8`,
        ...segments.filter((one) => one.startsWith('EVN')),
        `PID|1||${record}^^^RADLOOP-MRN^MR||Outage^Olga^O^^^^L||19590214|F`,
        `PV1|1|${ward.patientClass}|${ward.ward}^1^1^RADLOOP-GENERAL||||D4711^Haddad^Samir^^^Dr^MD`,
        ...segments.filter((one) => !one.startsWith('EVN')),
        '',
      ].join('\r'),
      'latin1',
    );
  const taken = async (bytes: Buffer): Promise<Omit<Sent, 'alert'>> => {
    const asked = Date.now();
    await untilAnswered(async () => {
      const answer = await exchangeBytes(mllp, frame(bytes));
      if (answer?.includes('MSA|AA|') !== true) throw new Error(`the answer was ${String(answer)}`);
      return true;
    });
    return { asked, since: Date.now() };
  };
  const numbers = (n: number): string => `P9${String(n).padStart(7, '0')}^FLOODRIS|F9${String(n).padStart(7, '0')}^FLOODRIS`;

  return {
    acts,
    async order(exam) {
      const timing = `1^once^^${hl7Now()}^^S`;
      const doctor = 'D4711^Haddad^Samir^^^Dr^MD';
      await taken(message('ADT^A01^ADT_A01', exam, `L9${exam.n}`, [`EVN||${hl7Now()}`]));
      await taken(
        message('ORM^O01^ORM_O01', exam, `O9${exam.n}`, [
          `ORC|NW|${numbers(exam.n)}||SC||${timing}||${hl7Now()}|CLERK^Clerk^Carla||${doctor}`,
          `OBR|1|${numbers(exam.n)}|CTHEADWO^CT HEAD WO CONTRAST^L|||${hl7Now()}||||||Headache|||${doctor}||${exam.accession}||||||CT|||${timing}||||^Headache`,
        ]),
      );
    },
    report: (exam, finding) =>
      taken(
        message('ORU^R01^ORU_R01', exam, `R9${exam.n}`, [
          `OBR|1|${numbers(exam.n)}|CTHEADWO^CT HEAD WO CONTRAST^L||||||||||||||${exam.accession}||||${hl7Now()}|||F`,
          `OBX|1|TX|&IMP||${finding}||||||F`,
        ]),
      ),
    async send({ accession }, finding, category, how) {
      const written = { of: { accession }, finding, category, side: null } as const;
      const alert = await untilAnswered(async () => {
        // "Not sent in time: phone" is an answer; the radiologist writes it once more, and gets the same one.
        if (how === 'tab') return numberIn((await tab(DECLARER, { ask: 'declare', ...written })).found);
        return numberIn(await line(DECLARER, { ask: 'case-declare', ...written }));
      });
      const { found } = how === 'tab' ? await tab(DECLARER, { ask: 'story', caseNumber: alert }) : {};
      if (how !== 'tab') await line(DECLARER, { ask: 'case-show', caseNumber: alert });
      const asked = Date.now();
      const release = { verb: 'release-critical', caseNumber: alert } as const;
      await untilAnswered(async () => {
        const said =
          how === 'tab'
            ? (await tab(DECLARER, { ask: 'answer', data: { ...release, revision: found?.revision } })).found
            : await line(DECLARER, { ask: 'case-answer', ...release, protocolId: null, text: null });
        const outcome = said !== undefined && 'outcome' in said ? said.outcome : undefined;
        // A second time, where the first answer was lost with the service, or came too late: "not sent, phone now; it may still go out".
        if (outcome !== 'won' && outcome !== 'already') throw new Error(`${alert} was not sent: ${JSON.stringify(said)}`);
      });
      return { alert, asked, since: Date.now() };
    },
    onTab: (alert, by, does, more = {}) =>
      note({ alert, by, does }, async () => {
        if (does === 'take-failsafe') return saidOnTab(await tab(by, { ask: 'failsafe-take', caseNumber: alert }));
        const { found } = await tab(by, { ask: 'story', caseNumber: alert });
        return saidOnTab(await tab(by, { ask: 'answer', data: { verb: does, caseNumber: alert, revision: found?.revision ?? 1, ...more } }));
      }),
    onCommandLine: (alert, by, does, { text = null, to, ...fields } = {}) =>
      note({ alert, by, does, ...(to === undefined ? {} : { to }) }, async () => {
        if (by !== SWITCHBOARD) await line(by, { ask: 'case-show', caseNumber: alert });
        const said = { text, fields, ...(to === undefined ? {} : { to }) };
        const reply = await line(by, { ask: 'case-answer', caseNumber: alert, verb: does, protocolId: null, ...said });
        const counted = 'outcome' in reply && (reply.outcome === 'won' || reply.outcome === 'noted');
        return { counted, text: 'text' in reply ? reply.text : '' };
      }),
    read: async (alert) => JSON.stringify(await line(DUTY, { ask: 'case-show', caseNumber: alert })),
  };
}

interface TabSays {
  readonly ok: boolean;
  readonly why?: string;
  readonly found?: { readonly caseNumber?: string; readonly revision?: number; readonly outcome?: string; readonly text?: string };
}

function saidOnTab({ ok, why, found }: TabSays): Said {
  return { counted: ok && (found?.outcome === 'won' || found?.outcome === 'noted'), text: why ?? found?.text ?? '' };
}

function numberIn(said: object | undefined): string {
  if (said !== undefined && 'caseNumber' in said && typeof said.caseNumber === 'string') return said.caseNumber;
  throw new Error(`nothing was written: ${JSON.stringify(said)}`);
}

async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + GIVES_UP_AFTER_MS; ; await pause(ASK_AGAIN_MS)) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

function hl7Now(): string {
  return `${new Date().toISOString().replaceAll(/[-:T]/gu, '').slice(0, 14)}+0000`;
}

/** A read-back as somebody fills it in. */
export const readBackOf = ({ record }: Exam): Readonly<Record<string, string>> => ({
  identifier: record,
  finding: 'as told',
  action: 'seen at once',
});
/** A call as the coordinator writes it down. */
export const callWith = (to: string): Readonly<Record<string, string>> => ({ to, text: 'said back, coming now' });
export const phoneBy = COORDINATOR;
