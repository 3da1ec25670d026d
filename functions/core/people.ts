import { z } from 'zod/v4';
import { personId } from './ids.ts';
import { language } from './language.ts';

export const role = z.enum([
  'protocoling-radiologist',
  'reading-radiologist',
  'technologist',
  'protocoling-technologist',
  'coordinator',
  'scheduler',
  'oncall',
  'referrer',
  'operator',
  'auditor',
  'admin',
]);
export type Role = z.infer<typeof role>;

/** A person of the site, as people.json names them. Unknown people are denied. */
export const person = z.object({
  id: personId,
  name: z.string().min(1),
  roles: z.array(role).min(1),
  /** Microsoft Entra object id: the identity of every Teams activity. */
  aadObjectId: z.guid(),
  /** Teams user id (`29:…`) where a private chat is opened by it. */
  teamsId: z.string().optional(),
  /** Modalities this person protocols; empty: all. */
  modalities: z.array(z.string()).default([]),
  /** Ids under which HL7 names this person (ORC-12.1). */
  providerIds: z.array(z.string()).default([]),
  /** Account of the operating system under which this person uses the command line. */
  osAccount: z.string().optional(),
  /** What this person reads in private: personal views, notes, answers. Left out: the site's language. */
  language: language.optional(),
});
export type Person = z.infer<typeof person>;
