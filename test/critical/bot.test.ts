import type { Person } from '#core/people.js';
import { called, openCriticalClinic, people, radiologist } from '../bot/critical-fixture.ts';
import type { Alert, CriticalClinic } from '../bot/critical-fixture.ts';

/** The bot, the desk and a real store: what a radiologist and whoever is called for them read. */
let clinic: CriticalClinic;
let identifier: string;
let family: string;
beforeEach(async () => {
  clinic = await openCriticalClinic();
  const { patient } = (await clinic.stateOf(await clinic.declare('where the patient is known from', 3))).about;
  [identifier, family] = [patient.id ?? '', patient.name?.family ?? ''];
}, 30_000);
afterEach(() => clinic.close());

const channel = '19:radiology@thread.tacv2';
const inThread = (id: string) => ({ conversation: { id, conversationType: 'channel', tenantId: clinic.side.tenantId } });

interface Heard {
  readonly where: 'private' | 'channel';
  readonly text: string;
}

/** What the bot wrote since, and where. */
async function says(who: Person, text: string, parts: Record<string, unknown> = {}): Promise<Heard[]> {
  clinic.side.calls.length = 0;
  await clinic.activityOf(who, { type: 'message', text, ...parts });
  return clinic.side.calls
    .filter(({ path }) => path.includes('/activities'))
    .map(({ path, body }) => ({ where: path.includes('/a:') ? 'private' : 'channel', text: JSON.stringify(body) }));
}
const all = (heard: readonly Heard[], where?: Heard['where']): string =>
  heard
    .filter((one) => where === undefined || one.where === where)
    .map(({ text }) => text)
    .join('\n');

/** What a dialog shows after a press. */
async function press(who: Person, data: Record<string, unknown>, more: Record<string, unknown> = {}): Promise<string> {
  const name = data['verb'] === 'open' ? 'task/fetch' : 'task/submit';
  const { body } = await clinic.activityOf(who, { type: 'invoke', name, value: { data }, ...more });
  return JSON.stringify(body);
}
const drafts = async (): Promise<Alert[]> =>
  (await clinic.engine.stores.views.open('critical-results'))
    .filter(({ status, urgency }) => status === 'draft' && urgency !== 'ROUTINE')
    .map(({ caseId, caseNumber }) => ({ caseId, caseNumber }));

describe('a critical result in words', () => {
  it('in private: one card with two identifiers, NOT SENT YET, and nobody was told; the button sends it, and it is said who is called', async () => {
    const heard = all(await says(radiologist, `critical: tension pneumothorax on the left on ${clinic.order}`));
    const [of] = await drafts();
    expect(heard).toContain('NOT SENT YET');
    for (const part of [identifier, family, 'tension pneumothorax', of!.caseNumber, called.name]) expect(heard).toContain(part);
    await clinic.engine.settle();
    expect([clinic.pages, clinic.engine.left.filter(({ to }) => to === 'person')]).toEqual([[], []]);
    expect((await clinic.stateOf(of!)).finding).toMatchObject({ side: 'left', category: 1 });
    const sent = await press(radiologist, { verb: 'release-critical', caseNumber: of!.caseNumber, revision: 1 });
    expect(sent).toContain(`Sent. ${called.name} is being called`);
    await clinic.engine.settle();
    expect(clinic.pages.map(({ address }) => address)).toContain('one');
  });

  it('in a channel: nothing of the patient there, the view in private with NOT SENT YET', async () => {
    const heard = await says(radiologist, `critical: tension pneumothorax on ${clinic.order}`, inThread(`${channel};messageid=9`));
    expect(all(heard, 'private')).toContain('NOT SENT YET');
    expect(all(heard, 'private')).toContain(identifier);
    const here = all(heard, 'channel');
    expect(here).toContain((await drafts())[0]!.caseNumber);
    for (const secret of [identifier, family, 'pneumothorax']) expect(here).not.toContain(secret);
  });

  it('in the thread of the order’s card: the case number may be left out', async () => {
    const heard = await says(radiologist, 'critical: tension pneumothorax', inThread(clinic.thread));
    expect(all(heard, 'private')).toContain('NOT SENT YET');
    for (const secret of [identifier, family, 'pneumothorax']) expect(all(heard, 'channel')).not.toContain(secret);
    expect(await drafts()).toHaveLength(1);
  });

  it('a patient’s name in a channel is not repeated there, and nothing is written', async () => {
    const heard = await says(radiologist, `critical: tension pneumothorax on Mr ${family}`, inThread(`${channel};messageid=9`));
    expect(all(heard, 'channel')).not.toContain(family);
    expect(await drafts()).toEqual([]);
  });

  it('said twice it is one', async () => {
    await says(radiologist, `critical: tension pneumothorax on ${clinic.order}`);
    const again = all(await says(radiologist, `critical: tension pneumothorax on ${clinic.order}`));
    expect(again).toContain('written already');
    expect(await drafts()).toHaveLength(1);
  });

  it('“right now” is no side, and a finding on both sides in one sentence names none', async () => {
    await says(radiologist, `critical: large pneumothorax, call right now on ${clinic.order}`);
    await says(radiologist, `critical: left pneumothorax and right effusion on ${clinic.order}`);
    const sides = await Promise.all((await drafts()).map(async (of) => (await clinic.stateOf(of)).finding.side));
    expect(sides).toEqual([null, null]);
  });
});

describe('whoever was called', () => {
  const open = async (finding = 'tension pneumothorax'): Promise<Alert> => {
    const of = await clinic.declare(finding);
    expect((await clinic.answer(radiologist, of, 'release-critical')).outcome).toBe('won');
    await clinic.engine.settle();
    return of;
  };

  it('presses “I take it” in the dialog of the note; a wrong number acknowledges nothing and says whom to call; the right one reads back', async () => {
    const of = await open();
    const dialog = await press(called, { verb: 'open', caseNumber: of.caseNumber });
    for (const part of ['I take it', identifier, 'tension pneumothorax']) expect(dialog).toContain(part);
    const form = { verb: 'read-back', caseNumber: of.caseNumber, revision: 1, finding: 'tension pneumothorax', action: 'chest tube' };
    expect(await press(called, { ...form, identifier: '99999999' })).toContain('NOTHING IS ACKNOWLEDGED');
    expect((await clinic.stateOf(of)).status).toBe('open');
    // The answer is the form: nothing is closed, opened and pressed again in the minutes that there are.
    const taken = await press(called, { verb: 'acknowledge', caseNumber: of.caseNumber, revision: 1 });
    for (const part of ['is yours', 'Send the read-back', 'The finding, in your own words']) expect(taken).toContain(part);
    expect(taken).not.toContain('"title":"Read back"');
    expect((await clinic.stateOf(of)).status).toBe('acknowledged');
    expect(await press(called, { verb: 'open', caseNumber: of.caseNumber })).toContain('Send the read-back');
    expect(await press(called, { ...form, identifier })).toContain('Read back.');
    expect((await clinic.stateOf(of)).status).toBe('read-back');
  });

  it('acknowledges nothing in words: the card is opened, which asks for what counts', async () => {
    const of = await open();
    const heard = all(await says(called, `acknowledge ${of.caseNumber}`));
    expect(heard).toContain('Nothing is acknowledged yet');
    expect(heard).toContain('I take it');
    expect((await clinic.stateOf(of)).status).toBe('open');
  });

  it('“acknowledge” alone: with one open its card; with two it is asked which, whatever was looked at last, and nothing of the patient stands there', async () => {
    const first = await open();
    const one = all(await says(called, 'acknowledge'));
    expect(one).toContain(first.caseNumber);
    expect(one).toContain('I take it');
    const second = await open('aortic dissection');
    const heard = all(await says(called, 'acknowledge'));
    expect(heard).toContain('Which of these?');
    for (const { caseNumber } of [first, second]) expect(heard).toContain(`Open ${caseNumber}`);
    for (const secret of [identifier, family, 'dissection']) expect(heard).not.toContain(secret);
    for (const alert of [first, second]) expect((await clinic.stateOf(alert)).status).toBe('open');
    const other = people.find(({ id }) => id === 'referrer-none')!;
    expect(all(await says(other, 'acknowledge'))).not.toContain(first.caseNumber);
  });

  it('with so many open that a choice is none, the case number is asked for', async () => {
    for (let n = 0; n < 6; n += 1) await open(`finding ${n}`);
    expect(all(await says(called, 'acknowledge'))).toContain('Write its case number');
  });

  it('somebody who was not called is told so, and may take it over with a reason', async () => {
    const of = await open();
    const other = people.find(({ id }) => id === 'oncall-none')!;
    const dialog = await press(other, { verb: 'open', caseNumber: of.caseNumber });
    expect(dialog).toContain('was not called for this');
    expect(dialog).toContain('I take this over');
    for (const secret of [identifier, family, 'pneumothorax']) expect(dialog).not.toContain(secret);
    expect(await press(other, { verb: 'take-over', caseNumber: of.caseNumber, revision: 1, overReason: 'she is before me' })).toContain(
      'is put to you',
    );
    expect(await press(other, { verb: 'acknowledge', caseNumber: of.caseNumber, revision: 1 })).toContain('is yours');
  });

  it('a press that Teams repeats, with the same and with a new id, has one effect and the first answer (invariant 17)', async () => {
    const of = await open();
    const data = { verb: 'acknowledge', caseNumber: of.caseNumber, revision: 1 };
    const first = await press(called, data);
    const { facts } = clinic.trace(called, of);
    expect(await press(called, data)).toBe(first);
    expect(await press(called, data, { id: '2' })).toBe(first);
    expect(clinic.trace(called, of)).toEqual({ facts, denials: 0 });
    for (const [verb, form] of [
      ['on-my-way', {}],
      ['decline-alert', { declineReason: 'in theatre' }],
    ] as const) {
      const other = await open(`another for ${verb}`);
      const pressed = { verb, caseNumber: other.caseNumber, revision: 1, ...form };
      const said = await press(called, pressed);
      const before = clinic.trace(called, other).facts;
      expect([verb, await press(called, pressed, { id: '2' })]).toEqual([verb, said]);
      expect([verb, clinic.trace(called, other).facts]).toEqual([verb, before]);
    }
  });

  it.each([false, true])(
    'takes it again after the read-back was overdue, from the card of before: nobody is told that it is theirs while it goes on (round told: %s)',
    async (isTold) => {
      const of = await open();
      const { round = 0 } = (await clinic.desk.shown(called.id, of.caseNumber)) ?? {};
      const data = { verb: 'acknowledge', caseNumber: of.caseNumber, revision: 1, ...(isTold ? { round } : {}) };
      const first = await press(called, data);
      expect(first).toContain('is yours');
      expect(await press(called, data, { id: '2' })).toBe(first);
      const { epoch } = await clinic.stateOf(of);
      await clinic.window(of, epoch);
      expect((await clinic.stateOf(of)).status).toBe('open');
      for (let times = 0; times < 3; times += 1) {
        expect(await press(called, data)).toContain('is yours');
        expect((await clinic.stateOf(of)).status).toBe('acknowledged');
      }
      await clinic.window(of, (await clinic.stateOf(of)).epoch);
      expect(await press(called, data)).toContain('is yours');
      expect((await clinic.stateOf(of)).status).toBe('acknowledged');
    },
  );

  it('the switchboard takes it in hand again after it has sounded again', async () => {
    const operator = people.find(({ id }) => id === 'switchboard-none')!;
    const of = (await clinic.alertIn('failsafe', 'none', operator))!;
    const data = { verb: 'take-failsafe', caseNumber: of.caseNumber, revision: 1 };
    for (let times = 0; times < 3; times += 1) {
      expect(await press(operator, data)).toContain('is in your hands');
      expect((await clinic.stateOf(of)).failsafe?.taken?.by.id).toBe(operator.id);
      await clinic.window(of, (await clinic.stateOf(of)).epoch);
      expect((await clinic.stateOf(of)).failsafe?.taken).toBeNull();
    }
  });
});

describe('the button "Critical result" on the view of an order', () => {
  const form = (more: object = {}) => ({ verb: 'declare-critical', caseNumber: clinic.order, revision: 1, criticalFinding: 'free air', ...more });
  const sourceOf = async (number: string): Promise<unknown> => {
    const { caseId } = (await clinic.engine.parts.cases.findByNumber(number as CriticalClinic['order']))!;
    return ((await clinic.engine.parts.cases.read('critical-results', caseId)).facts[0]!.fact as { source: unknown }).source;
  };

  it('stands there for whoever may declare one, and opens what was written in the same dialog: NOT SENT YET, with the one Send', async () => {
    const view = await press(radiologist, { verb: 'open', caseNumber: clinic.order });
    expect(view).toContain('"title":"Critical result"');
    expect(
      await press(
        people.find(({ id }) => id === 'coordinator-none')!,
        { verb: 'open', caseNumber: clinic.order },
      ),
    ).not.toContain('declare-critical');
    const said = await press(radiologist, form({ criticalCategory: '2', criticalSide: 'left' }));
    for (const part of ['NOT SENT YET', identifier, 'free air (left)', 'category 2']) expect(said).toContain(part);
    expect(said.match(/"verb":"release-critical"/gu)).toHaveLength(1);
    const [, number = ''] = /"caseNumber":"([^"]+)","revision":1/u.exec(said) ?? [];
    expect(await sourceOf(number)).toMatchObject({ kind: 'person', via: 'button', by: { id: radiologist.id } });
    expect((await clinic.stateOf((await drafts()).find(({ caseNumber }) => caseNumber === number)!)).status).toBe('draft');
    // Another press of the same is the same one.
    expect(await press(radiologist, form({ criticalCategory: '2', criticalSide: 'left' }))).toContain(number);
  });

  it('in the private chat the same; without category it is that of the finding, else the gravest', async () => {
    const said = all(
      await says(radiologist, '', { text: undefined, value: form({ criticalFinding: 'something unheard of', criticalCategory: '' }) }),
      'private',
    );
    for (const part of ['NOT SENT YET', 'category 1']) expect(said).toContain(part);
  });

  it('whoever may not writes none, whatever their client sends; nor does a form of two kinds', async () => {
    const before = (await drafts()).length;
    for (const id of ['coordinator-none', 'technologist-none', 'oncall-none'])
      expect(
        await press(
          people.find((one) => one.id === id)!,
          form(),
        ),
      ).toContain('no role that may declare');
    expect(await press(radiologist, form({ found: 'free air' }))).not.toContain('NOT SENT YET');
    expect((await drafts()).length).toBe(before);
  });
});

describe('nobody stands on the ladder', () => {
  it('the dialog shows an alarm with whom to phone now, and no receipt; the same in the private chat', async () => {
    clinic.onCall.first = [];
    const data = (of: Alert) => ({ verb: 'release-critical', caseNumber: of.caseNumber, revision: 1 });
    const isAlarm = (said: string) => /"style":"attention".*NOT SENT to a clinician: phone the switchboard, [+\d]/u.test(said);
    const said = await press(radiologist, data(await clinic.declare('tension pneumothorax')));
    expect(isAlarm(said)).toBe(true);
    expect(said).not.toContain('"style":"good"');
    const other = await clinic.declare('testicular torsion');
    const chat = all(await says(radiologist, '', { text: undefined, value: data(other) }), 'private');
    expect(isAlarm(chat)).toBe(true);
    expect((await clinic.stateOf(other)).status).toBe('open');
  });
});

describe('the store refuses', () => {
  const refuse = (): void => {
    clinic.engine.parts.cases.append = async () => Promise.reject(new Error('disk full'));
  };
  const phone = `NOT SENT: phone ${called.name}, +1 555 555 0142 now.`;

  it('at release: whom to phone stands in the dialog within a second, not a fault', async () => {
    const of = await clinic.declare('tension pneumothorax');
    refuse();
    const begun = performance.now();
    const said = await press(radiologist, { verb: 'release-critical', caseNumber: of.caseNumber, revision: 1 });
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(said).toContain(phone);
    expect(said).toContain('"style":"attention"');
  });

  it('also where it takes no audit row either, and where it never answers', async () => {
    const of = await clinic.declare('tension pneumothorax');
    refuse();
    const { audit, cases } = clinic.engine.parts;
    audit.record = async () => Promise.reject(new Error('disk full'));
    expect(await press(radiologist, { verb: 'release-critical', caseNumber: of.caseNumber, revision: 1 })).toContain(phone);
    audit.record = () => new Promise(() => undefined);
    cases.append = () => new Promise(() => undefined);
    const begun = performance.now();
    const said = await press(radiologist, { verb: 'release-critical', caseNumber: of.caseNumber, revision: 1 });
    expect(performance.now() - begun).toBeLessThan(1200);
    expect(said).toContain(phone);
    expect(said).toContain('may still go out');
  });

  it('when it is said in words, and on the tab', async () => {
    refuse();
    expect(all(await says(radiologist, `critical: tension pneumothorax on ${clinic.order}`))).toContain(phone);
    const asked = { person: radiologist, of: { caseNumber: clinic.order }, finding: 'dissection', category: 1, side: null, via: 'tab' } as const;
    expect(await clinic.desk.declare(asked)).toEqual({ ok: false, code: 'not-sent', why: phone });
  });
});
