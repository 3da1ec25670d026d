import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { understand } from '#models/intents/index.js';
import type { Understood } from '#domain/utterance.js';
import { teamsPackage } from '../../infra/package/teams.ts';

const folder = join('bot', 'manifest');
const site = {
  VERSION: '1.4.0',
  TEAMS_APP_ID: '0b0a3c51-6d0c-4a1c-9a53-0d6a0b5f1c11',
  BOT_APP_ID: '6f1cd1d0-79f1-4c4c-9d5e-1c1f3e7a0001',
  API_APP_ID: '3d1f9a3e-52d5-4c3c-8a7d-0c5b8e2f0a11',
  HOST: 'radloop.hospital.example',
  WEBSITE_URL: 'https://intranet.hospital.example/radloop',
  PRIVACY_URL: 'https://intranet.hospital.example/privacy?of=%22radloop%22',
  TERMS_URL: 'https://intranet.hospital.example/terms',
};

interface CommandList {
  readonly scopes: readonly string[];
  readonly commands: readonly { readonly title: string; readonly description: string }[];
}
interface Manifest {
  readonly [name: string]: unknown;
  readonly bots: readonly { readonly commandLists: readonly CommandList[] }[];
}

async function manifest(): Promise<Manifest> {
  const { 'manifest.json': text = new Uint8Array() } = unzipSync(await teamsPackage(site, folder));
  return JSON.parse(new TextDecoder().decode(text)) as Manifest;
}

describe('the app package for Teams', () => {
  it('holds the manifest and the two icons and nothing else, and is the same each time', async () => {
    const made = await teamsPackage(site, folder);
    const files = unzipSync(made);
    expect(Object.keys(files).sort()).toEqual(['color.png', 'manifest.json', 'outline.png']);
    expect(Buffer.from(files['color.png'] ?? []).equals(readFileSync(join(folder, 'color.png')))).toBe(true);
    expect(Buffer.from(await teamsPackage(site, folder)).equals(Buffer.from(made))).toBe(true);
  });

  it('has every place of the template filled in with what the site gave', async () => {
    const made = await manifest();
    expect(JSON.stringify(made)).not.toMatch(/\$\{|\}\}"/u);
    expect(made).toMatchObject({
      ...{ version: '1.4.0', id: site.TEAMS_APP_ID, manifestVersion: '1.30' },
      developer: { websiteUrl: site.WEBSITE_URL, privacyUrl: site.PRIVACY_URL, termsOfUseUrl: site.TERMS_URL },
      bots: [{ botId: site.BOT_APP_ID, scopes: ['personal', 'team', 'groupChat'] }],
    });
  });

  it('asks for the two permissions that its README gives reasons for, and for no resource-specific one', async () => {
    const { permissions, authorization, devicePermissions } = await manifest();
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(permissions).toEqual(['identity', 'messageTeamMembers']);
    for (const name of permissions as string[]) expect(readme).toContain(`| \`${name}\``);
    expect([authorization, devicePermissions]).toEqual([undefined, undefined]);
    expect(readme).toContain('**Resource-specific consent (RSC): none.**');
  });

  it('has the tab for each person and for a channel, from the service’s own host alone, with tokens for the site’s API', async () => {
    const { staticTabs, configurableTabs, validDomains, webApplicationInfo } = await manifest();
    const page = `https://${site.HOST}/api/tab/index.html`;
    expect(staticTabs).toMatchObject([{ entityId: 'radloop', contentUrl: page, scopes: ['personal'] }]);
    expect(configurableTabs).toMatchObject([{ configurationUrl: page, scopes: ['team'] }]);
    expect(validDomains).toEqual([site.HOST]);
    expect(webApplicationInfo).toEqual({ id: site.API_APP_ID, resource: `api://${site.HOST}/${site.API_APP_ID}` });
  });

  it.each([
    ['an address for a host', { HOST: 'https://radloop.hospital.example/' }, /^--host: the host name/u],
    ['a host of everybody', { HOST: '*' }, /^--host: the host name/u],
    ['an id of the API that is none', { API_APP_ID: 'api' }, /^--api-id: the application id/u],
    ['an id that is none', { BOT_APP_ID: 'radloop' }, /^--bot-id: the application id/u],
    ['a page without https', { WEBSITE_URL: 'http://intranet/' }, /^--website: an address that begins with https/u],
    ['a version that Teams would not take', { VERSION: 'next' }, /^package\.json: a version/u],
  ])('is not made from %s, and says which', async (_what, wrong, says) => {
    await expect(teamsPackage({ ...site, ...wrong }, folder)).rejects.toThrow(says);
  });

  it.each([
    ['a field that Teams does not know', (text: string) => text.replace('"accentColor"', '"accent": 1, "accentColor"'), /is not valid:[^]*accent/u],
    ['a text that is too long', (text: string) => text.replace('"short": "Radloop"', `"short": "${'R'.repeat(31)}"`), /is not valid:[^]*short/u],
    ['a place that nobody fills', (text: string) => text.replace('#0F6CBD', '${{COLOR}}'), /nothing is known to put in for COLOR/u],
    ['a schema that would be fetched', (text: string) => text.replace('v1.30/', 'v9.99/'), /\$schema must be https:/u],
    ['no JSON', (text: string) => text.slice(1), /is no JSON object/u],
  ])('is not made from a template with %s', async (_what, change, says) => {
    const other = mkdtempSync(join(tmpdir(), 'radloop-manifest-'));
    try {
      cpSync(folder, other, { recursive: true });
      const file = join(other, 'manifest.json');
      writeFileSync(file, change(readFileSync(file, 'utf8')));
      await expect(teamsPackage(site, other)).rejects.toThrow(says);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  it('is not made with an icon of another size', async () => {
    const other = mkdtempSync(join(tmpdir(), 'radloop-manifest-'));
    try {
      cpSync(folder, other, { recursive: true });
      cpSync(join(folder, 'color.png'), join(other, 'outline.png'));
      await expect(teamsPackage(site, other)).rejects.toThrow(/outline\.png is 192 x 192; Teams wants a PNG of 32 x 32/u);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });
});

describe('the commands that Teams offers', () => {
  const protocols = [{ id: 'CT-HEAD-WO', name: 'CT head without contrast' }];
  const lists = async (): Promise<readonly CommandList[]> => (await manifest()).bots[0]?.commandLists ?? [];
  const read = (text: string): Understood =>
    understand({ text, place: 'private', threadCase: null, lastShown: ['7KF3QN'], role: 'radiologist' }, protocols);
  /** What somebody writes who follows the description. */
  const sentence = ({ title, description }: CommandList['commands'][number]): string =>
    /such as: (?<said>.+)$/u.exec(description)?.groups?.['said'] ?? title;

  it('are lists for the personal chat, a team and a group chat', async () => {
    expect((await lists()).map(({ scopes }) => scopes)).toEqual([['personal'], ['team'], ['groupChat']]);
  });

  it('begin each with the words that it writes into the message', async () => {
    for (const { commands } of await lists()) for (const command of commands) expect(sentence(command)).toMatch(new RegExp(`^${command.title}`, 'u'));
  });

  it('are understood, every one, and those that decide are sentences of the closed grammar', async () => {
    const all = (await lists()).flatMap(({ commands }) => commands.map(sentence));
    const meant = Object.fromEntries(all.map((said) => [said, [read(said).intent, read(said).commands.length]]));
    expect(meant).toEqual({
      'what is waiting': ['list-waiting', 0],
      'show 7KF3QN': ['show-case', 0],
      'why this protocol for 7KF3QN': ['why', 0],
      'approve 7KF3QN': ['approve', 1],
      'use CT-HEAD-WO for 7KF3QN': ['choose-other', 1],
      'reject 7KF3QN because it is the wrong side': ['reject', 1],
      'ask the orderer of 7KF3QN: which side?': ['ask-orderer', 1],
      help: ['help', 0],
    });
  });

  it('do nothing when one is sent as it was tapped, without a case', async () => {
    for (const { commands } of await lists())
      for (const { title } of commands) {
        const { commands: done } = understand({ text: title, place: 'channel', threadCase: null, lastShown: [], role: 'radiologist' }, protocols);
        expect([title, done]).toEqual([title, []]);
      }
  });
});
