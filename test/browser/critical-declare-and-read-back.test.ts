import type { Page } from 'playwright-core';
import { patientOf } from '../../infra/rehearsal/patients.ts';
import { faultsOf } from '../support/axe.ts';
import { until } from '../support/instances.ts';
import { readCriticalSide } from '../support/ledgers.ts';
import { findCard, openPrivate, press, whyNoBrowser } from '../support/playground-page.ts';
import { DECLARER, openCriticalStage, openOnTelephone, personOf, plainSpaces, readBack, rowOf, secondsLeft, toldBy } from './critical-stage.ts';
import type { CriticalStage } from './critical-stage.ts';
import { SEED } from './stage.ts';
import { misfits } from './telephone.ts';

/** What a radiologist and the doctor on call see of a critical result, at the policy's own pace. Pictures go to .tmp/pictures, to be looked at. */
const why = whyNoBrowser();
const COLLEAGUE = 'dr-lindqvist';

(why === undefined ? describe : describe.skip)(`a critical result is sent and read back${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let on: CriticalStage;
  let radiologist: Page;
  beforeAll(async () => {
    on = await openCriticalStage();
    ({ radiologist } = on);
  }, 180_000);
  afterEach(() => on.closePages());
  afterAll(() => on.stage.end(), 60_000);

  it('is declared in words: the card is headed NOT SENT YET and names the patient twice, and nobody is called before Send is pressed', async () => {
    const written = await on.write('free air, perforated sigmoid colon');
    const { alert, draft, order, called, finding } = written;
    const said = await draft.innerText();
    const { family, given, mrn } = order.patient;
    for (const part of [`${family}, ${given}`, mrn, finding, called.name]) expect(said).toContain(part);
    expect(said.indexOf('NOT SENT YET')).toBeLessThan(said.indexOf(family));
    await radiologist.setViewportSize({ width: 1280, height: 1100 });
    await on.picture(radiologist, 'not-sent-yet');
    const board = await on.board(COLLEAGUE);
    await rowOf(board, alert).getByText('NOT SENT YET').waitFor();
    await on.picture(board, 'board-not-sent-yet');
    const phone = await on.telephone(called.id);
    expect(await phone.locator('main').innerText()).not.toContain(alert);
    expect(await on.arrivedOf(alert)).toEqual([]);

    await on.send(written);
    // It says so where it said that it was not.
    await draft.waitFor({ state: 'detached' });
    await findCard(radiologist, new RegExp(`${alert}.*Sent.*${called.name}`, 'su'));
    await on.picture(radiologist, 'sent');
    await (await findCard(phone, alert)).getByText('Critical result for you').waitFor();
    expect(await misfits(phone)).toEqual([]);
    await on.picture(phone, 'on-call-note');
    await rowOf(board, alert).getByText('Nobody has taken it').waitFor();
    const left = await secondsLeft(board, alert);
    expect(left).toBeLessThanOrEqual(5 * 60);
    await until(async () => (await secondsLeft(board, alert)) < left);
    expect(await faultsOf(board)).toEqual([]);
    await on.picture(board, 'board-open');
    await until(async () => (await on.arrivedOf(alert)).some(({ to }) => to === called.contacts.email));
    const outside = (await on.arrivedOf(alert)).map(({ subject, text }) => `${subject ?? ''} ${text}`);
    for (const text of [await phone.locator('main').innerText(), await board.locator('main').innerText(), ...outside])
      expect(toldBy(text, written)).toEqual([]);
  }, 180_000);

  it('is read back on a telephone: another patient’s number takes nothing and shows the radiologist’s, the right one is seen by the radiologist, whose record of the talk closes it', async () => {
    const written = await on.write('gas in the soft tissues, necrotising fasciitis');
    await on.send(written);
    const { alert, order, called, finding } = written;
    const board = await on.board(COLLEAGUE);
    const channel = await on.telephone(called.id, 'critical');
    const phone = await on.telephone(called.id);
    const dialog = await openOnTelephone(phone, written);
    expect(await dialog.innerText()).toContain(finding);
    expect(await misfits(phone)).toEqual([]);
    await on.picture(phone, 'on-call-view');

    const [theirWords, theirPlan] = ['Flesh-eating infection at the hip', 'I come down and call the surgeon'];
    await readBack(dialog, patientOf(SEED, order.patient.index + 1).mrn, theirWords, theirPlan);
    await dialog.getByText('NOTHING IS ACKNOWLEDGED').waitFor();
    const phoned = personOf(DECLARER).contacts.phone ?? 'no number';
    expect(plainSpaces(await dialog.innerText())).toContain(phoned);
    await on.picture(phone, 'on-call-wrong-number');
    await rowOf(board, alert).getByText('Nobody has taken it').waitFor();
    await (await findCard(channel, alert)).getByText('Nobody has taken it yet').waitFor();

    // The form stands open, with their own words; the number alone is typed anew.
    expect(await dialog.getByLabel('The finding, in your own words').inputValue()).toBe(theirWords);
    expect(await dialog.getByLabel('What you will do').inputValue()).toBe(theirPlan);
    await dialog.getByLabel('record number or accession number').fill(order.patient.mrn.toLowerCase());
    await press(dialog, 'Send the read-back');
    await dialog.getByText(/^Read back\. Speak now with/u).waitFor();
    expect(plainSpaces(await dialog.innerText())).toContain(`${personOf(DECLARER).name}, ${phoned}`);
    await on.picture(phone, 'on-call-read-back');
    await phone.locator('main').getByText('You have read it back').waitFor();
    await rowOf(board, alert).getByText('Read back, the conversation is to be recorded').waitFor();
    await on.picture(board, 'board-read-back');
    await (await findCard(channel, alert)).getByText(`Read back by ${called.name}`).waitFor();

    await openPrivate(radiologist);
    await press(await findCard(radiologist, new RegExp(`${alert}.*It was read back to you`, 'su')), 'Open');
    const view = await findCard(radiologist, theirWords);
    for (const part of [called.name, theirPlan, order.patient.mrn]) expect(await view.innerText()).toContain(part);
    await on.picture(radiologist, 'radiologist-reads-it-back');
    await press(view, 'Record the conversation');
    await press(view, 'Confirm');
    await radiologist.getByText(`The conversation is recorded. ${alert} is closed.`).waitFor();
    await rowOf(board, alert).waitFor({ state: 'detached' });
    await (await findCard(channel, alert)).getByText('Closed').waitFor();
    // Who it was about stands in no chat any more.
    await until(async () => toldBy(await radiologist.locator('body').innerText(), { ...written, finding: theirWords }).length === 0);
    await on.picture(radiologist, 'closed');
    await on.picture(channel, 'channel-closed');

    // What the hospital's systems hold of it, by their own ledgers.
    const of = () => {
      const { ris, ehr } = readCriticalSide(on.stage.data);
      return [...ris.filter((effect) => effect.includes(alert)), ...ehr.filter(({ caseNumber }) => caseNumber === alert).map(({ status }) => status)];
    };
    await until(() => of().length === 3);
    expect(of()).toEqual([`critical ${written.placer} ${alert} v1 read-back`, `document ${written.placer} ${alert}-1`, 'completed']);
  }, 180_000);
});
