import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { Directory } from './directory.ts';
import { sendError, sendJson } from './http.ts';
import { themes } from './look.ts';

/** What a telephone's page is made of: the Playground does not fold below 800 px. The library is a dev dependency, as the Playground is. */
const files: Readonly<Record<string, { readonly type: string; readonly read: () => string }>> = {
  '/phone': { type: 'text/html', read: own('phone.html') },
  '/phone/phone.css': { type: 'text/css', read: own('phone.css') },
  '/phone/phone.js': { type: 'text/javascript', read: own('phone.js') },
  '/phone/adaptivecards.js': {
    type: 'text/javascript',
    read: () => readFileSync(createRequire(import.meta.url).resolve('adaptivecards/dist/adaptivecards.js'), 'utf8'),
  },
};
export const PHONE_FILES: readonly string[] = Object.keys(files);

function own(name: string): () => string {
  return () => readFileSync(new URL(`./phone/${name}`, import.meta.url), 'utf8');
}

/** Whoever is on this machine may hold anybody's telephone, as with the Playground's pages. */
export function sendPhone(response: ServerResponse, url: URL, directory: Directory): void {
  if (url.pathname === '/phone' && directory.member(url.searchParams.get('person') ?? '') === undefined) {
    const links = directory.members.map(({ id, name }) => `<li><a href="/phone?person=${encodeURIComponent(id)}">${escaped(name)}</a></li>`);
    send(response, 'text/html', `<!doctype html><title>Rehearsal phones</title><h1>Whose phone?</h1><ul>${links.join('')}</ul>`);
    return;
  }
  const file = files[url.pathname];
  if (file) send(response, file.type, file.read());
  else sendError(response, 404, 'NotFound', 'the telephone has no such page');
}

/** Who holds the telephone, what they are in, and how Teams looks. */
export function sendPhoneData(response: ServerResponse, url: URL, directory: Directory): void {
  const member = directory.member(url.searchParams.get('person') ?? '');
  if (!member) {
    sendError(response, 404, 'UnknownPerson', 'people.json has nobody of that id: write it as ?person=ID');
    return;
  }
  const places = directory.places.map(({ key, name, channelId }) => ({ key, name: name.split(' - ').at(-1) ?? name, channelId }));
  const look = { light: themes.light.config, dark: themes.dark.config };
  sendJson(response, 200, { id: member.id, name: member.name, chat: member.privateChat, places, look });
}

function send(response: ServerResponse, type: string, body: string): void {
  const headers = {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'",
  };
  response.writeHead(200, headers).end(body);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
