import { z } from 'zod/v4';
import { person } from '#core/people.js';
import { modality } from './modality.ts';

/** site.json */
export const siteSettings = z.object({
  id: z.string().regex(/^[a-z0-9-]+$/u),
  name: z.string(),
  /** `true` for the rehearsal site: it refuses every endpoint that is not on loopback. */
  rehearsal: z.boolean().default(false),
  /** IANA time zone: times are shown in it. */
  zone: z.string(),
  /** Who may come in at the HTTPS door, and as whom (MSH-4). The bearer token itself is a secret: only its sha256 stands here. */
  facilities: z.array(
    z.object({ id: z.string(), name: z.string(), tokenSha256: z.string().regex(/^[0-9a-f]{64}$/u), mshFacilities: z.array(z.string()) }),
  ),
  /** How long a task may wait before it goes to the coordinator, in minutes. */
  answerWithinMinutes: z.object({ STAT: z.number(), URGENT: z.number(), ROUTINE: z.number() }),
  /** How long a question to the orderer may wait, in minutes. */
  questionWithinMinutes: z.number(),
  /** How long a change may wait for the order it changes, in minutes. */
  orderWithinMinutes: z.number().default(10),
  /** Seconds within which EHR and model must answer before the card goes out without them. */
  contextBudgetSeconds: z.number().default(5),
  modelBudgetSeconds: z.number().default(4),
});
export type SiteSettings = z.infer<typeof siteSettings>;

/** endpoints/endpoints.json. Addresses may be replaced by settings of the environment (functions/config.ts). */
export const endpoints = z.object({
  destinations: z.record(
    z.string(),
    z.object({
      host: z.string(),
      port: z.number().int(),
      /** Seconds without an ACK after which the connection is dropped. */
      ackTimeoutSeconds: z.number().default(10),
      sendingApplication: z.string(),
      sendingFacility: z.string(),
      receivingApplication: z.string(),
      receivingFacility: z.string(),
      version: z.string().default('2.5.1'),
      /** MSH-18 of what is sent there; not given: UNICODE UTF-8. */
      charset: z.string().optional(),
    }),
  ),
  ehr: z.object({ baseUrl: z.url() }),
  /** A vendor's endpoint behind the model contract; null: the embedded models. */
  model: z.object({ url: z.url() }).nullable().default(null),
});
export type Endpoints = z.infer<typeof endpoints>;

/** channels.json: where the cards of a workflow stand. An unmapped place is a start-up error. */
export const channels = z.object({
  tenantId: z.guid(),
  serviceUrl: z.url(),
  places: z.record(z.string(), z.object({ teamId: z.string(), channelId: z.string(), name: z.string() })),
});
export type Channels = z.infer<typeof channels>;

/** modes.json: the first row that fits counts; none: off. */
export const modes = z.array(
  z.object({ workflow: z.string(), modality: z.string().default('*'), mode: z.enum(['off', 'silent', 'assist', 'auto']) }),
);

/** hl7/field-map.json: where this site puts what. Fields are written SEG-n or SEG-n.m, the first that holds something counts. */
export const fieldMap = z.object({
  accessionNumber: z.array(z.string()),
  /** Where an order change carries the protocol code. */
  protocol: z.string(),
  /** PID-3 assigners, best first. */
  preferredAssigners: z.array(z.string()),
});
export type FieldMap = z.infer<typeof fieldMap>;

/** hl7/procedure-map.json: which procedure codes (OBR-4.1) are imaging. What stands in neither list opens a case for a person. */
export const procedureMap = z.object({
  imaging: z.array(z.object({ code: z.string(), modality, text: z.string() })),
  notImaging: z.array(z.object({ code: z.string(), text: z.string() })),
});
export type ProcedureMap = z.infer<typeof procedureMap>;

/** A site's folder, read whole. */
export const site = z.object({
  settings: siteSettings,
  people: z.array(person),
  channels,
  modes,
  endpoints,
  fieldMap,
  procedureMap,
});
export type Site = z.infer<typeof site>;
