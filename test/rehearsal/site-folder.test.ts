import { createHash, generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSite, siteVersion } from '#adapters/embedded/site-folder.js';

const example = join(import.meta.dirname, '../../infra/rehearsal/site');
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'site-'));
  cpSync(example, dir, { recursive: true });
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Replaces text in one file of the copied site. */
function edit(file: string, from: string | RegExp, to: string): void {
  const path = join(dir, file);
  const before = readFileSync(path, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} does not hold ${String(from)}`);
  writeFileSync(path, after);
}

describe('the folder of a site', () => {
  it('reads the rehearsal site', () => {
    const site = readSite(example);
    expect(site.settings.rehearsal).toBe(true);
    expect(site.people.map((person) => person.id)).toEqual([
      'dr-okafor',
      'dr-lindqvist',
      'c-reyes',
      'dr-haddad',
      't-novak',
      'm-brandt',
      's-weber',
      'v-moreau',
      'a-kim',
      ...['dr-abebe', 'dr-castillo', 'dr-marchetti', 'dr-vance', 'dr-fujita', 'dr-laurent', 'dr-mensah', 'dr-kaplan', 'dr-sandoval', 'dr-ahlberg'],
      'w-dubois',
    ]);
    expect(site.procedureMap.imaging.length).toBeGreaterThanOrEqual(80);
    expect(new Set(site.procedureMap.imaging.map((row) => row.modality))).toEqual(new Set(['CT', 'MR', 'US', 'XR', 'NM', 'MG', 'FL']));
    expect(site.settings.facilities[0]?.tokenSha256).toBe(createHash('sha256').update('rehearsal-token-not-secret').digest('hex'));
  });

  it('gives whoever has no language of their own the site’s', () => {
    const spoken = () => Object.fromEntries(readSite(dir).people.map(({ id, language }) => [id, language]));
    expect(spoken()).toMatchObject({ 'dr-okafor': 'en', 'c-reyes': 'es' });
    edit('site.json', '"rehearsal": true,', '"rehearsal": true, "language": "es",');
    edit('people.json', '"language": "es"', '"language": "en"');
    expect(spoken()).toMatchObject({ 'dr-okafor': 'es', 'c-reyes': 'en' });
  });

  it('names the file and the field that is wrong', () => {
    edit('hl7/field-map.json', '"protocol": "OBR-19",', '');
    expect(() => readSite(dir)).toThrow('hl7/field-map.json: protocol: expected string');
  });

  it('names every fault at once, a missing file and one that is not JSON among them', () => {
    rmSync(join(dir, 'modes.json'));
    writeFileSync(join(dir, 'people.json'), '{');
    expect(() => readSite(dir)).toThrow(/people\.json: is not JSON[^\n]*\nmodes\.json: is missing/u);
  });

  it('refuses a rehearsal site that would reach another machine', () => {
    edit('endpoints/endpoints.json', '"127.0.0.1"', '"ris.hospital.example"');
    expect(() => readSite(dir)).toThrow('endpoints/endpoints.json: destinations.ris.host: a rehearsal site may only reach this machine');
  });

  it('lets a real site reach other machines', () => {
    edit('endpoints/endpoints.json', '"127.0.0.1"', '"ris.hospital.example"');
    edit('site.json', '"rehearsal": true', '"rehearsal": false');
    expect(readSite(dir).endpoints.destinations['ris']?.host).toBe('ris.hospital.example');
  });

  it('refuses a place that no channel is mapped to', () => {
    edit('channels.json', '"protocoling"', '"elsewhere"');
    expect(() => readSite(dir)).toThrow('channels.json: places.protocoling: expected a channel');
  });

  it('refuses an unknown time zone and one identity for two people', () => {
    edit('site.json', 'America/Chicago', 'America/Nowhere');
    edit('people.json', '"dr-lindqvist"', '"dr-okafor"');
    expect(() => readSite(dir)).toThrow(/site\.json: zone: .*\npeople\.json: id: "dr-okafor" stands for two people/u);
  });

  it('refuses drills of a service that nobody could find by where a patient is', () => {
    edit('drills.json', '"neurosurgery"', '"radiology"');
    edit('drills.json', '"emergency"', '"haruspicy"');
    expect(() => readSite(dir)).toThrow(
      /drills\.json: agreed\.0\.service: "radiology" has no pointsOfCare[^\n]*\ndrills\.json: agreed\.1\.service: [^\n]*"haruspicy"/u,
    );
    rmSync(join(dir, 'drills.json'));
    expect(readSite(dir).drills).toBeNull();
  });

  it('refuses a practice that no service stands for: nobody would be on call for it', () => {
    edit('people.json', '"id": "dr-lindqvist",', '"id": "dr-lindqvist", "practice": "hill-practice",');
    expect(() => readSite(dir)).toThrow('people.json: dr-lindqvist: practice: expected the id of a service of on-call.json, got "hill-practice"');
    edit('people.json', '"hill-practice"', '"medicine"');
    expect(readSite(dir).people.find(({ id }) => id === 'dr-lindqvist')?.practice).toBe('medicine');
  });

  it('refuses two facilities that could be taken for one another', () => {
    const second = '{ "id": "north", "name": "North", "tokenSha256": "$1", "certificateNames": ["a"], "mshFacilities": [] }';
    edit('site.json', /(?<="facilities": \[\s*)(?=\{[^]*?"tokenSha256": "(?<hash>[0-9a-f]+)")/u, `${second.replace('$1', '$<hash>')}, `);
    expect(() => readSite(dir)).toThrow(/site\.json: facilities: tokenSha256 "[0-9a-f]{64}" stands for two facilities/u);
  });

  it('refuses answers that would go to, or come from, somebody it does not know', () => {
    edit('site.json', '"mshFacilities"', '"answersTo": "nowhere", "mshFacilities"');
    edit('endpoints/endpoints.json', '"version": "2.5.1"', '"version": "2.5.1", "answeredBy": "nobody"');
    expect(() => readSite(dir)).toThrow(
      /answersTo: expected a destination[^\n]*"nowhere"\n[^\n]*ris\.answeredBy: expected a facility[^\n]*"nobody"/u,
    );
  });

  it('refuses a rehearsal site whose PACS is another machine', () => {
    edit('endpoints/endpoints.json', /"pacs": (?:null|\{[^}]*\}),|(?="model")/u, '"pacs": { "baseUrl": "https://pacs.hospital.example" }, ');
    expect(() => readSite(dir)).toThrow('endpoints/endpoints.json: pacs.baseUrl: a rehearsal site may only reach this machine');
  });

  it('refuses two feeds of one name', () => {
    const subscriptions = { kind: 'classic', callbackUrl: 'http://127.0.0.1:7071/api/fhir', rows: [{ name: 'pacs', criteria: 'ServiceRequest' }] };
    edit('endpoints/endpoints.json', '"baseUrl"', `"subscriptions": ${JSON.stringify(subscriptions)}, "baseUrl"`);
    expect(() => readSite(dir)).toThrow('ehr.subscriptions.rows: name "pacs" stands for two feeds');
  });

  describe('the key that exports are sealed for', () => {
    const pem = (bits: number): string =>
      generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const named = (key: string): void => edit('site.json', '"rehearsal": true,', `"rehearsal": true, "exportKey": ${JSON.stringify(key)},`);

    it('is none on the rehearsal site, stands in site.json, or in a file beside it', () => {
      expect(readSite(dir).settings.exportKey).toBeNull();
      const key = pem(3072);
      writeFileSync(join(dir, 'export-key.pem'), key);
      named('export-key.pem');
      expect(readSite(dir).settings.exportKey).toBe(key);
      edit('site.json', '"export-key.pem"', JSON.stringify(key));
      expect(readSite(dir).settings.exportKey).toBe(key);
    });

    it.each([
      ['a file that is not there', () => 'export-key.pem', 'the file "export-key.pem" can\'t be read'],
      ['an RSA key that is too short', () => pem(2048), 'expected an RSA key of at least 3072 bits, got 2048'],
      [
        'a key of another kind',
        () => generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        'expected an RSA key, got ed25519',
      ],
      [
        'a private key',
        () => generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        'this is a private key, which stays with its holder',
      ],
      ['a damaged one', () => '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', 'the public key (PEM) is damaged'],
      ['what is no key', () => '-----BEGIN CERTIFICATE-----', 'expected a public key in PEM'],
    ])('is refused when it is %s', (_what, key, says) => {
      named(key());
      expect(() => readSite(dir)).toThrow(`site.json: exportKey: ${says}`);
    });
  });

  it('has a version that follows the content and not the order of keys', () => {
    const before = siteVersion(readSite(dir));
    expect(before).toMatch(/^[0-9a-f]{12}$/u);
    const path = join(dir, 'site.json');
    const entries = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>);
    writeFileSync(path, JSON.stringify(Object.fromEntries(entries.reverse())));
    expect(siteVersion(readSite(dir))).toBe(before);
    edit('site.json', 'Radloop General', 'Radloop West');
    expect(siteVersion(readSite(dir))).not.toBe(before);
  });
});
