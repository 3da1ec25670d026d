import type { CaseNumber } from '#core/ids.js';
import type { Person } from '#core/people.js';
import { orderMessage } from '../../infra/rehearsal/order-message.ts';
import type { silentLog } from '../support/clinic.ts';
import { plannedOrders } from '../support/planned-orders.ts';
import { called, openCriticalClinic, people, radiologist } from '../bot/critical-fixture.ts';
import type { Alert, CriticalClinic } from '../bot/critical-fixture.ts';

/** A radiologist who names the exam in words by its accession number or its patient, and whoever is called answering in words: the bot, the desk and a real store. */
let clinic: CriticalClinic;
let patient: { readonly id: string; readonly family: string; readonly given: string; readonly accession: string };
beforeEach(async () => {
  clinic = await openCriticalClinic();
  const { about } = await clinic.stateOf(await clinic.declare('where the patient is known from', 3));
  patient = { id: about.patient.id ?? '', family: about.patient.name?.family ?? '', given: about.patient.name?.given ?? '', accession: about.accessionNumber ?? '' };
}, 30_000); // prettier-ignore
afterEach(() => clinic.close());

const inChannel = () => ({
  conversation: { id: '19:radiology@thread.tacv2;messageid=9', conversationType: 'channel', tenantId: clinic.side.tenantId },
});

async function says(who: Person, text: string, parts: Record<string, unknown> = {}): Promise<string> {
  clinic.side.calls.length = 0;
  await clinic.activityOf(who, { type: 'message', text, ...parts });
  return heard();
}
const heard = (): string =>
  clinic.side.calls
    .filter(({ path }) => path.includes('/activities'))
    .map(({ body }) => JSON.stringify(body))
    .join('\n');
const drafts = async (): Promise<Alert[]> =>
  (await clinic.engine.stores.views.open('critical-results'))
    .filter(({ status, urgency }) => status === 'draft' && urgency !== 'ROUTINE')
    .map(({ caseId, caseNumber }) => ({ caseId, caseNumber }));
const searches = (): string[] =>
  clinic.engine.stores.db.all<{ detail: string }>('SELECT detail FROM audit WHERE action = ? ORDER BY seq', 'search').map(({ detail }) => detail);

/** Buttons that choose an exam, as they come back from the card. */
function choices(): { readonly verb: string; readonly caseNumber: CaseNumber; readonly found: string }[] {
  const said = heard();
  return [...said.matchAll(/"type":"Action\.Submit","title":"[^"]*","data":(?<data>\{"verb":"declare-critical"[^}]*\})/gu)].map(
    ({ groups }) => JSON.parse(groups?.['data'] ?? '{}') as ReturnType<typeof choices>[number],
  );
}

async function choose(who: Person, data: object): Promise<string> {
  clinic.side.calls.length = 0;
  const value = { trigger: 'manual', action: { type: 'Action.Execute', verb: 'declare-critical', data } };
  const { body } = await clinic.activityOf(who, { type: 'invoke', name: 'adaptiveCard/action', value });
  return `${(body as { value: string }).value}\n${heard()}`;
}

it.each([
  ['its accession number', () => `critical: left tension pneumothorax on accession ${patient.accession}`],
  ['its patient’s name', () => `critical: left tension pneumothorax, patient ${patient.family}`],
  ['name and given name, in small letters', () => `critical: left tension pneumothorax on ${patient.given} ${patient.family}`.toLowerCase()],
])('in private the exam is named by %s: one card with two identifiers and who is called, NOT SENT YET', async (_, text) => {
  const said = await says(radiologist, text());
  for (const part of ['NOT SENT YET', patient.id, patient.family, called.name]) expect(said).toContain(part);
  const [of, ...more] = await drafts();
  expect(more).toEqual([]);
  expect((await clinic.stateOf(of!)).finding).toMatchObject({ text: 'left tension pneumothorax', side: 'left', category: 1 });
  await clinic.engine.settle();
  expect(clinic.pages).toEqual([]);
});

it('of several exams of that patient the radiologist chooses; what is chosen is written with its finding, side and category', async () => {
  const [first, second] = plannedOrders(4711, 2);
  const ct = { code: 'CTHEADWO', text: 'CT HEAD WO CONTRAST', modality: 'CT', kind: 'imaging', then: null } as const;
  await clinic.engine.bring(Buffer.from(orderMessage({ ...second!, ...ct, patient: first!.patient }, 'new', 'M2', new Date(clinic.engine.now))));
  await clinic.engine.settle();
  const said = await says(radiologist, `critical, category 2: left temporal abscess, patient ${patient.family}`);
  const buttons = choices();
  const numbers = (await clinic.engine.stores.views.open('protocoling')).map(({ caseNumber }) => caseNumber);
  expect(new Set(buttons.map(({ caseNumber }) => caseNumber))).toEqual(new Set(numbers));
  expect(numbers).toHaveLength(2);
  for (const part of ['which exam is it', patient.id, patient.family, ...numbers]) expect(said).toContain(part);
  expect(await drafts()).toEqual([]);
  const chosen = buttons.find(({ caseNumber }) => caseNumber !== clinic.order)!;
  expect(await choose(radiologist, chosen)).toContain('NOT SENT YET');
  const [of, ...more] = await drafts();
  expect(more).toEqual([]);
  const { finding, about } = await clinic.stateOf(of!);
  expect(finding).toMatchObject({ text: 'left temporal abscess', side: 'left', category: 2 });
  expect(about.orderCase).toBe(chosen.caseNumber);
});

it('a name that is a slip away is put as a choice with two identifiers and exam, and its button writes that one', async () => {
  const slip = `${patient.family.slice(0, 2)}${patient.family.slice(3)}`;
  const said = await says(radiologist, `critical: saddle embolus, patient ${slip}`);
  for (const part of ['which exam is it', patient.family, patient.id, 'CT HEAD WO CONTRAST', clinic.order, 'saddle embolus'])
    expect(said).toContain(part);
  expect(await drafts()).toEqual([]);
  const [button, ...more] = choices();
  expect([button, more]).toMatchObject([{ caseNumber: clinic.order, found: 'saddle embolus' }, []]);
  expect(await choose(radiologist, button!)).toContain('NOT SENT YET');
  expect(await drafts()).toHaveLength(1);
  expect(await choose(radiologist, button!)).toContain('written already');
  expect(await drafts()).toHaveLength(1);
});

it('nobody of that name: whom to phone and how the accession number is given; the name is not repeated', async () => {
  const said = await says(radiologist, 'critical: free air, patient Zabalberrieta');
  expect(said).toContain(`NOT SENT: phone ${called.name}`);
  expect(said).toContain('accession NUMBER');
  const { lines } = clinic.engine.parts.log as ReturnType<typeof silentLog>;
  for (const where of [said, JSON.stringify(lines)]) expect(where).not.toContain('Zabalberrieta');
  expect(await drafts()).toEqual([]);
});

it('another case was looked at before: a name is never taken for that one', async () => {
  await says(radiologist, `show ${clinic.order}`);
  expect(await says(radiologist, 'critical: free air on Zabalberrieta')).toContain('NOT SENT: phone');
  expect(await says(radiologist, 'critical: free air on accession 990011')).toContain('NOT SENT: phone');
  expect(await drafts()).toEqual([]);
});

it('a name beside a case number of another patient writes nothing', async () => {
  expect(await says(radiologist, `critical: free air on ${clinic.order}, patient Zabalberrieta`)).toContain('two exams');
  expect(await drafts()).toEqual([]);
});

it.each(['patient FAMILY', 'on FAMILY', 'accession NUMBER'])('in a channel %s is refused kindly and not repeated', async (named) => {
  const text = `critical: tension pneumothorax ${named.replace('FAMILY', patient.family).replace('NUMBER', patient.accession)}`;
  const said = await says(radiologist, text, inChannel());
  expect(said).toContain('Say it to me in your private chat');
  for (const secret of [patient.family, patient.accession, patient.id, 'pneumothorax']) expect(said).not.toContain(secret);
  expect([await drafts(), searches()]).toEqual([[], []]);
});

it('who may not declare may not search: the no is on record, and nothing of a patient is said', async () => {
  for (const id of ['technologist-none', 'scheduler-none', 'switchboard-none', 'operator-none']) {
    const who = people.find((one) => one.id === id)!;
    const of = { caseId: '', caseNumber: clinic.order } as unknown as Alert;
    const before = clinic.trace(who, of).denials;
    for (const named of [`patient ${patient.family}`, `on accession ${patient.accession}`]) {
      const said = await says(who, `critical: free air ${named}`);
      for (const secret of [patient.family, patient.id, 'NOT SENT YET']) expect([id, said]).toEqual([id, expect.not.stringContaining(secret)]);
    }
    expect([id, clinic.trace(who, of).denials - before]).toEqual([id, 2]);
    expect(await choose(who, { verb: 'declare-critical', caseNumber: clinic.order, found: 'free air' })).not.toContain('NOT SENT YET');
  }
  expect([searches(), await drafts()]).toEqual([[], []]);
});

it('a button that was forged writes nothing', async () => {
  for (const data of [
    { verb: 'declare-critical', caseNumber: clinic.order },
    { verb: 'declare-critical', caseNumber: clinic.order, found: '' },
    { verb: 'declare-critical', caseNumber: clinic.order, found: 'x'.repeat(501) },
    { verb: 'declare-critical', caseNumber: clinic.order, found: 'free air', category: 4 },
    { verb: 'declare-critical', caseNumber: 'AAAAAA', found: 'free air' },
  ])
    await clinic.activityOf(radiologist, {
      ...{ type: 'invoke', name: 'adaptiveCard/action' },
      value: { trigger: 'manual', action: { type: 'Action.Execute', verb: 'declare-critical', data } },
    });
  expect(await drafts()).toEqual([]);
});

it('with two open, words of whoever is called name the case or ask which; with one they open it; nothing is acknowledged by them', async () => {
  const open = async (finding: string): Promise<Alert> => {
    const of = await clinic.declare(finding);
    expect((await clinic.answer(radiologist, of, 'release-critical')).outcome).toBe('won');
    await clinic.engine.settle();
    return of;
  };
  const sentences = [
    ...['acknowledge', 'ack', 'got it', 'I have it', 'received, thanks'],
    ...['on my way', 'I am on my way', 'omw', 'ok, on my way down', 'heading there now'],
    ...['read back: tension pneumothorax, chest tube now', 'reading back: tension pneumothorax'],
    ...['not mine', 'I am not on call'],
  ];
  const first = await open('tension pneumothorax');
  for (const sentence of sentences) expect([sentence, await says(called, sentence)]).toEqual([sentence, expect.stringContaining('On my way')]);
  const second = await open('aortic dissection');
  for (const sentence of sentences) {
    const asked = await says(called, sentence);
    expect([sentence, asked]).toEqual([sentence, expect.stringContaining('Which of these?')]);
    for (const { caseNumber } of [first, second]) expect([sentence, asked]).toEqual([sentence, expect.stringContaining(`Open ${caseNumber}`)]);
    for (const secret of [patient.id, patient.family, 'dissection'])
      expect([sentence, asked]).toEqual([sentence, expect.not.stringContaining(secret)]);
  }
  const { caseNumber } = second;
  for (const sentence of [
    `acknowledge ${caseNumber}`,
    `on my way, ${caseNumber}`,
    `read back ${caseNumber}: dissection, theatre now`,
    `${caseNumber} not mine`,
  ]) {
    const shown = await says(called, sentence);
    expect([sentence, shown]).toEqual([sentence, expect.stringContaining('aortic dissection')]);
    expect([sentence, shown]).toEqual([sentence, expect.not.stringContaining('tension pneumothorax')]);
  }
  for (const alert of [first, second]) expect((await clinic.stateOf(alert)).status).toBe('open');
}, 60_000);
