import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { language } from '#core/language.js';
import { withAccess } from '#domain/break-glass.js';
import type { Access } from '#domain/break-glass.js';
import { noteCard } from '#workflows/break-glass/card.js';
import { noteNames } from '#workflows/break-glass/effects.js';
import { examples } from '#workflows/break-glass/examples.js';

const fits = new Ajv({ strict: false }).compile(JSON.parse(readFileSync('cards/schema/adaptive-card-1.5-subset.json', 'utf8')) as object);
const given = examples.find(({ name }) => name.startsWith('nobody confirms their own'))?.given ?? [];
const state = given.reduce<Access>(withAccess, { status: 'none' });

describe.each(language.options)('a note about an emergency access, in %s', (spoken) => {
  it.each(noteNames)('%s: a card of the pinned schema that names person, case and code, and nothing that anybody wrote', (name) => {
    if (state.status === 'none') throw new Error('the example opens nothing');
    const card = noteCard(`${name}:1`, state, { zone: 'America/Chicago', language: spoken });
    expect([fits(card?.card), fits.errors]).toEqual([true, null]);
    const text = JSON.stringify(card);
    for (const part of ['Jana Novak', '7KF3QN', '04:40']) expect(text).toContain(part);
    expect(text).not.toMatch(/Trauma bay|Still in the bay/u);
    expect(card?.speak).not.toMatch(/[{}]/u);
  });

  it('says nothing of an opening that there is not', () => {
    if (state.status === 'none') throw new Error('the example opens nothing');
    for (const note of ['opened:9', 'closed:1', '']) expect(noteCard(note, state, { zone: 'UTC', language: spoken })).toBeNull();
  });
});
