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
  'switchboard',
]);
export type Role = z.infer<typeof role>;

const e164 = z.string().regex(/^\+[1-9]\d{6,14}$/u, 'expected a number such as +15550100');

/** A person of the site, as people.json names them. Unknown people are denied. */
export const person = z.object({
  id: personId,
  name: z.string().min(1),
  roles: z.array(role).min(1),
  /** Microsoft Entra object id: the identity of every Teams activity. */
  aadObjectId: z.guid(),
  /** userPrincipalName, by which Teams calls this person. Left out: nobody is offered a call in Teams, and the number stands alone. */
  upn: z.email().optional(),
  /** Teams user id (`29:…`) where a private chat is opened by it. */
  teamsId: z.string().optional(),
  /** Modalities this person protocols; empty: all. */
  modalities: z.array(z.string()).default([]),
  /** Ids under which HL7 names this person (ORC-12.1). */
  providerIds: z.array(z.string()).default([]),
  /** Service of on-call.json that is on call for this person's outpatients out of office hours, and for who is in the house nobody knows where. Left out: none. */
  practice: z.string().min(1).optional(),
  /** Account of the operating system under which this person uses the command line. */
  osAccount: z.string().optional(),
  /** Where this person is reached besides Teams. What goes there holds no patient data. */
  contacts: z
    .object({
      /** What people dial, in the form in which they do: `+1 555 0100`, `4711`. */
      phone: z.string().min(2).optional(),
      /** The same for machines, E.164. */
      sms: e164.optional(),
      voice: e164.optional(),
      email: z.email().optional(),
      /** How the site's paging system names this person. */
      pager: z.string().min(1).optional(),
    })
    .default({}),
  /** What this person reads in private: personal views, notes, answers. Left out: the site's language. */
  language: language.optional(),
});
export type Person = z.infer<typeof person>;
