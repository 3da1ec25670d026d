import { z } from 'zod/v4';
import { language } from '#core/language.js';
import { person } from '#core/people.js';
import { drillRules } from './drill.ts';
import { modality } from './modality.ts';
import { onCallRules } from './on-call.ts';
import { criticalRecord } from './outbound.ts';
import { pagingSettings } from './paging.ts';
import { retention } from './retention.ts';

/** One system, or one interface engine, that may come in: known by a bearer token (HTTPS) or a client certificate (HTTPS, MLLP), bound to MSH-3 and MSH-4. */
export const facility = z.object({
  id: z.string(),
  name: z.string(),
  /** The bearer token itself is a secret: only its sha256 stands here. Left out: no token. */
  tokenSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/u)
    .optional(),
  /** Names of client certificates (subject alternative name, DNS or URI, else the common name, exactly) that the site's CA signed for it. */
  certificateNames: z.array(z.string()).default([]),
  /** MSH-4.1 values that it may send. */
  mshFacilities: z.array(z.string()),
  /** MSH-3.1 values that it may send; empty: any. */
  mshApplications: z.array(z.string()).default([]),
  /** Destination (endpoints.json) for our delayed application answer when its connection is gone; null: a person is shown it. */
  answersTo: z.string().nullable().default(null),
});
export type Facility = z.infer<typeof facility>;

const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-4]):[0-5]\d$/u, 'expected a time of day such as 08:00');

/** What a site says of critical results beside its content and paging.json. */
const criticalSettings = z.object({
  /** How long the place where a patient was last said to be is believed; after that all who may have them are called. */
  locationGoodForMinutes: z.number().positive().default(720),
  /** How long a written alert may stay unsent before its author is told, and before others are. */
  unsentAfterSeconds: z.tuple([z.number().positive(), z.number().positive()]).default([60, 120]),
  /**
   * What the hospital's systems take of one that was read back, and of its later versions: ORU^R01 and MDM^T02 go to the destination `ris`, a Communication to
   * the EHR; empty: nothing goes there.
   */
  record: z.array(criticalRecord).default(['ORU^R01']),
  /** Destination (endpoints.json) that is told to have an exam read sooner when a model alone has found something in it: whoever keeps the reading list; null: nobody. */
  readingPriorityTo: z.string().nullable().default(null),
  /** When an orderer is called first; at other times whoever is on call. */
  officeHours: z
    .object({
      days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).default(['mon', 'tue', 'wed', 'thu', 'fri']),
      from: timeOfDay.default('08:00'),
      until: timeOfDay.default('17:00'),
    })
    .prefault({}),
});
export type CriticalSettings = z.infer<typeof criticalSettings>;

/** site.json */
export const siteSettings = z.object({
  id: z.string().regex(/^[a-z0-9-]+$/u),
  name: z.string(),
  /** `true` for the rehearsal site: it refuses every endpoint that is not on loopback. */
  rehearsal: z.boolean().default(false),
  /** IANA time zone: times are shown in it. */
  zone: z.string(),
  /** Cards that everybody sees are in it, and what is private to somebody whose own language people.json does not say. */
  language: language.default('en'),
  /** Who may come in at the doors, and as whom. */
  facilities: z.array(facility),
  /** How long a task may wait before it goes to the coordinator, in minutes. */
  answerWithinMinutes: z.object({ STAT: z.number(), URGENT: z.number(), ROUTINE: z.number() }),
  /** How long a question to the orderer may wait, in minutes. */
  questionWithinMinutes: z.number(),
  /** How long a change may wait for the order it changes, in minutes. */
  orderWithinMinutes: z.number().default(10),
  /** Seconds within which EHR and model must answer before the card goes out without them. */
  contextBudgetSeconds: z.number().default(5),
  modelBudgetSeconds: z.number().default(4),
  /**
   * How many messages, events and effects may wait before new messages are answered AE (send again later). The usual number is an hour of everything that a
   * large hospital group sends: after an outage all of it is taken at once and worked out in its turn. Beyond that the sender's own queue is the better place,
   * and its alarm the right one.
   */
  waitingMost: z.number().int().min(100).default(250_000),
  /** For whom `radloop q export` seals what holds patient data: a public key (PEM, RSA of 3072 bits or more), or the name of a file beside this one; null: it exports nothing. */
  exportKey: z.string().nullable().default(null),
  /** How long what is kept. */
  retention: retention.prefault({}),
  critical: criticalSettings.prefault({}),
});

/** One subscription: name (part of the callback's path), criteria as a search such as `ServiceRequest?status=active`, and the topic's URL for `topic`. */
export const fhirSubscriptionRow = z.object({
  name: z.string().regex(/^[a-z0-9-]+$/u),
  criteria: z.string(),
  topic: z.string().optional(),
  payload: z.enum(['empty', 'id-only', 'full-resource']).default('empty'),
});
export type FhirSubscriptionRow = z.infer<typeof fhirSubscriptionRow>;

/** TLS, or this machine. */
function isPrivateLine(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname));
}

/** How Radloop is told of changes in the EHR. */
export const fhirSubscriptions = z.object({
  /** `classic`: R4 Subscription with criteria (empty or with resource); `topic`: R4 backport or R4B/R5 topic subscription with event numbers. */
  kind: z.enum(['classic', 'topic']),
  /** Where the EHR reaches our door: `https://radloop.example/api/fhir`. */
  callbackUrl: z.url().refine(isPrivateLine, 'write an https address: the secret of the subscription is sent there in a header'),
  rows: z.array(fhirSubscriptionRow),
  heartbeatSeconds: z.number().default(60),
});
export type FhirSubscriptions = z.infer<typeof fhirSubscriptions>;

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
      /** MSH-18 of what is sent there: UNICODE UTF-8 (not given) or a single-byte set. */
      charset: z.string().optional(),
      /** TLS 1.2 or later; null: plain TCP, for this machine only. Paths of PEM files, from the site's folder. */
      tls: z
        .object({ caFile: z.string(), certFile: z.string().optional(), keyFile: z.string().optional(), serverName: z.string().optional() })
        .nullable()
        .default(null),
      /** `enhanced`: MSH-15 and MSH-16 are AL; the receiver answers CA at once and AA, AE or AR when it has worked on it. */
      acknowledgement: z.enum(['original', 'enhanced']).default('original'),
      /** Enhanced only: minutes after CA without the application's answer before a person is asked. */
      answerWithinMinutes: z.number().default(10),
      /** Enhanced only: the facility (site.json) whose connections may bring that answer, besides the connection it was sent on. */
      answeredBy: z.string().nullable().default(null),
    }),
  ),
  ehr: z.object({
    baseUrl: z.url(),
    /** Identifier system (URI) of the site's record numbers. */
    patientSystem: z.string().optional(),
    /** SMART Backend Services (client_credentials with a signed assertion); null: no authentication. `keyFile`: a private JWK, from the site's folder. */
    smart: z.object({ tokenUrl: z.url(), clientId: z.string(), scope: z.string(), keyFile: z.string() }).nullable().default(null),
    /** Identifier systems (URI) of the EHR by the assigner's name that HL7 messages have for it (EI.2, CX.4.1): the same number is then the same number. */
    assigners: z.record(z.string(), z.string()).default({}),
    /** What is kept subscribed there; null: nothing. */
    subscriptions: fhirSubscriptions.nullable().default(null),
    /** Azure Health Data Services tells of changes through Event Grid; null: it does not. Two secrets hold during a rotation; only their sha256 stands here. */
    eventGrid: z
      .object({
        secretSha256: z
          .array(z.string().regex(/^[0-9a-f]{64}$/u))
          .min(1)
          .max(2),
      })
      .nullable()
      .default(null),
    /** What is written there of an approval. */
    writes: z.array(z.enum(['Task', 'Provenance'])).default([]),
  }),
  /** An Orthanc whose changes are followed; null: none. The password is RADLOOP_PACS_PASSWORD. */
  pacs: z
    .object({ baseUrl: z.url(), user: z.string().optional(), pollSeconds: z.number().positive().default(2) })
    .nullable()
    .default(null),
  /** A vendor's endpoint behind the model contract; null: the embedded models. */
  model: z.object({ url: z.url() }).nullable().default(null),
  /**
   * A language model behind an OpenAI-compatible API that says what people mean by what they write to the bot; null: only the embedded model, and nothing of what is
   * written leaves. What leaves is said in infra/docs/understanding.md. `keyFile`: one line, from the site's folder; null: no key.
   */
  understanding: z
    .object({
      baseUrl: z.url(),
      model: z.string().min(1),
      keyFile: z.string().nullable().default(null),
      timeoutSeconds: z.number().positive().max(8).default(3),
    })
    .nullable()
    .default(null),
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
  /** MSH-3.1 of what sends the results of image models: their ORU^R01 are read by their codes, never as reports. Left out: nobody does. */
  modelApplications: z.array(z.string()).optional(),
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
  /** Null: the site says nobody is on call; nobody is made to look, and overdue tasks go to the coordinator as they always do. Rosters are read apart: they change. */
  onCall: onCallRules.nullable(),
  /** Null: no drills are held. */
  drills: drillRules.nullable(),
  /** Null: nobody is reached but in Teams. */
  paging: pagingSettings.nullable(),
});
export type Site = z.infer<typeof site>;
