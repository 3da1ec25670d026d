import { connect as connectTls } from 'node:tls';
import type { Facility } from '#domain/site.js';
import { sitePki } from '../support/certificates.ts';
import type { Identity, SitePki } from '../support/certificates.ts';
import { orderBytes } from '../support/engine-fixture.ts';
import { wireDoor } from '../support/mllp-wire-door.ts';
import type { WireDoor } from '../support/mllp-wire-door.ts';
import { closeAll, reading, soon } from '../support/mllp-wire-listener.ts';
import { frame } from '../support/mllp-wire.ts';

/** Over TLS a certificate is a facility, and its messages may only be its own. */

let pki: SitePki;
beforeAll(async () => {
  pki = await sitePki();
});
afterEach(closeAll);

/** As the rehearsal's messages name themselves: MSH-3 REHEARSAL-RIS, MSH-4 RADLOOP-GENERAL. */
const general: Facility = {
  ...{ id: 'general', name: 'General', certificateNames: ['urn:hospital:ris'], answersTo: null },
  ...{ mshFacilities: ['RADLOOP-GENERAL'], mshApplications: ['REHEARSAL-RIS'] },
};

async function bring(door: WireDoor, identity: Partial<Identity>, text: Buffer | string): Promise<string | null> {
  const caller = reading(connectTls({ host: '127.0.0.1', port: door.server.port, ca: pki.ca, ...identity }));
  caller.socket.write(frame(text));
  return caller.until(1).then(
    ([answer = '']) => /MSA\|(\w\w)/u.exec(answer)?.[1] ?? answer,
    () => null,
  );
}

const audited = ({ fixture }: WireDoor): unknown[] =>
  fixture.stores.db
    .all<{ actor: string; action: string; outcome: string; detail: string }>('SELECT actor, action, outcome, detail FROM audit ORDER BY seq')
    .map(({ actor, action, outcome, detail }) => [(JSON.parse(actor) as { endpoint: string }).endpoint, action, outcome, JSON.parse(detail)]);
const start = (facilities: Facility[]): Promise<WireDoor> => wireDoor({ tls: pki.server, facilities });

it('the right certificate with its own MSH-3 and MSH-4 comes in', async () => {
  const door = await start([general]);
  expect(await bring(door, pki.good, orderBytes())).toBe('AA');
  expect([door.effects(), audited(door)]).toEqual([{ messages: 1, events: 1, arrivals: 0 }, []]);
});

it.each([
  ['MSH-3', { ...general, mshApplications: ['OTHER-RIS'] }, 'application'],
  ['MSH-4', { ...general, mshFacilities: ['OTHER-HOSPITAL'] }, 'facility'],
])('the right certificate with a wrong %s is answered AR, has no effect and is audited', async (_, facility, why) => {
  const door = await start([facility]);
  expect(await bring(door, pki.good, orderBytes())).toBe('AR');
  expect(door.effects()).toEqual({ messages: 1, events: 0, arrivals: 0 });
  expect(audited(door)).toEqual([['mllp:general', 'hl7', 'denied', { why }]]);
});

it('a certificate that our CA signed for nobody we know is answered AR, has no effect and is audited', async () => {
  const door = await start([general]);
  expect(await bring(door, pki.plainName, orderBytes())).toBe('AR');
  expect(door.effects()).toEqual({ messages: 1, events: 0, arrivals: 0 });
  expect(audited(door)).toEqual([['mllp:unknown', 'hl7', 'denied', { why: 'facility' }]]);
});

it.each([
  ['of another CA', 'untrusted-certificate', () => pki.foreign],
  ['that has expired', 'expired-certificate', () => pki.expired],
  ['that is missing', 'no-certificate', () => ({})],
] as const)('a certificate %s is not answered at all, keeps nothing and is audited', async (_, why, identity) => {
  const door = await start([general]);
  expect(await bring(door, identity(), orderBytes())).toBeNull();
  await soon('it is audited', () => audited(door).length > 0);
  expect([door.effects(), audited(door)]).toEqual([{ messages: 0, events: 0, arrivals: 0 }, [['127.0.0.1', 'door', 'denied', { why }]]]);
});
