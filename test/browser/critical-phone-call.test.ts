import type { Page } from 'playwright-core';
import { faultsOf } from '../support/axe.ts';
import { until } from '../support/instances.ts';
import { findCard, openPrivate, press, whyNoBrowser } from '../support/playground-page.ts';
import { openCriticalStage, openOnTelephone, personOf, rowOf } from './critical-stage.ts';
import type { CriticalStage, Written } from './critical-stage.ts';
import { misfits } from './telephone.ts';

/** A coordinator, who reads Spanish, documents a telephone call at the tab. Pictures go to .tmp/pictures, to be looked at. */
const why = whyNoBrowser();
const COORDINATOR = 'c-reyes';
const PLAN = 'Cirugía ahora';

(why === undefined ? describe : describe.skip)(`a coordinator documents a call${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let on: CriticalStage;
  beforeAll(async () => {
    on = await openCriticalStage();
  }, 180_000);
  afterEach(() => on.closePages());
  afterAll(() => on.stage.end(), 60_000);

  const openForm = async (tab: Page, { alert }: Written): Promise<void> => {
    await rowOf(tab, alert).locator('.alert-link').click();
    await press(tab, 'Anotar una llamada');
  };
  /** As the doctor says it on the telephone. */
  const fillIn = async (tab: Page, { called }: Written, said: string): Promise<void> => {
    await tab.getByPlaceholder('Escriba parte del nombre').fill(called.name);
    await tab.getByLabel('Qué repitió').fill(said);
    await tab.getByLabel('Qué va a hacer').fill(PLAN);
  };
  const confirm = async (tab: Page, { alert, called }: Written): Promise<void> => {
    await press(tab, 'Confirmar');
    await tab.getByText(`Anotado: ${called.name} recogió ${alert} por teléfono. Se le avisa.`).waitFor();
  };

  it('with the name of whoever took the call and the coordinator’s own: both stand on the time line, both are told, and it is closed', async () => {
    const written = await on.write('free air under the diaphragm');
    await on.send(written);
    const { alert, called } = written;
    const said = 'Aire libre bajo el diafragma, paciente correcto';
    const { name } = personOf(COORDINATOR);
    const phone = await on.telephone(called.id);
    const tab = await on.board(COORDINATOR);
    await rowOf(tab, alert).getByText('Nadie lo ha recogido').waitFor();
    await on.picture(tab, 'board-in-spanish');
    expect(await faultsOf(tab)).toEqual([]);
    await openForm(tab, written);
    await press(tab, 'Confirmar');
    for (const missing of ['Elija quién atendió la llamada.', 'Escriba qué repitió.']) await tab.getByText(missing).waitFor();
    await on.picture(tab, 'call-form-empty');
    await fillIn(tab, written, said);
    await on.picture(tab, 'call-form');
    await confirm(tab, written);
    await tab.locator('.now').getByText('Cerrado', { exact: true }).waitFor();
    expect(await faultsOf(tab)).toEqual([]);
    for (const title of ['Recogido', 'Confirmado']) {
      const line = await tab.locator('.happened', { hasText: title }).last().innerText();
      expect([title, line.includes(called.name), line.includes(name)]).toEqual([title, true, true]);
    }
    const view = await tab.locator('.now').innerText();
    for (const part of ['Cerrado', called.name, said, PLAN]) expect(view).toContain(part);
    await tab.setViewportSize({ width: 1280, height: 1500 });
    await on.picture(tab, 'call-documented');

    await (await findCard(phone, 'A call with you was recorded')).getByText('If that was not you, say so').waitFor();
    expect(await misfits(phone)).toEqual([]);
    await on.picture(phone, 'call-told-to-the-receiver');
    const mail = `A call about ${alert} was recorded with you by ${name}`;
    await until(async () => (await on.arrivedOf(alert)).some(({ to, subject }) => to === called.contacts.email && subject === mail));
    await openPrivate(on.radiologist);
    await press(await findCard(on.radiologist, new RegExp(`${alert}.*It was read back to you`, 'su')), 'Open');
    await findCard(on.radiologist, said);
    await on.picture(on.radiologist, 'call-read-by-the-radiologist');
    await press(on.radiologist, 'Close');
  }, 180_000);

  it('whoever is named and did not take it says so: it is open again, the next person is called, and it stands on the board', async () => {
    const written = await on.write('gas in the soft tissues, necrotising fasciitis');
    await on.send(written);
    const { alert, called } = written;
    const phone = await on.telephone(called.id);
    const tab = await on.board(COORDINATOR);
    await openForm(tab, written);
    await fillIn(tab, written, 'Gas en los tejidos blandos de la cadera');
    await confirm(tab, written);
    await findCard(phone, 'A call with you was recorded');
    const dialog = await openOnTelephone(phone, written);
    await dialog.getByText('Gas en los tejidos blandos').waitFor();
    expect(await misfits(phone)).toEqual([]);
    await on.picture(phone, 'call-of-the-receiver');
    await press(dialog, 'That was not me');
    await dialog.getByText(`${alert} is open again, and the next person is called.`).waitFor();
    await on.picture(phone, 'call-disputed');
    await tab.locator('a[href="#/board"]').first().click();
    await rowOf(tab, alert).getByText('nivel 2').waitFor();
    await on.picture(tab, 'board-open-again');
  }, 180_000);
});
