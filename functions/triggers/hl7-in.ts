import { app } from '@azure/functions';
import type { HttpResponseInit } from '@azure/functions';
import type { Bringer } from '#engine/intake.js';
import type { SiteSettings } from '#domain/site.js';

type Facility = SiteSettings['facilities'][number];

/** What the intake does with a body. */
export interface Hl7Intake {
  /** Gives the ACK. */
  receive(bytes: Buffer, from: Bringer): Promise<Buffer>;
  keepNoise(bytes: Buffer, length: number, reason: string, from: Bringer): Promise<void>;
}

/**
 * POST /api/hl7: HL7 v2 as ER7 text from an interface engine, bearer token bound to a facility. The HL7 ACK is the body, HTTP 200 whenever
 * there is one. XML and JSON are answered 415. Whatever comes with a token is kept; without one nothing is.
 */
export function registerHl7In(facilityOf: (authorization: string | null) => Facility | null, intake: Hl7Intake): void {
  app.http('hl7-in', {
    methods: ['POST'],
    authLevel: 'anonymous',
    route: 'hl7',
    async handler(request): Promise<HttpResponseInit> {
      const facility = facilityOf(request.headers.get('authorization'));
      if (!facility) return { status: 401, headers: { 'WWW-Authenticate': 'Bearer' }, body: 'A bearer token of a facility of this site is needed.' };
      const from: Bringer = { endpoint: `https:${facility.id}`, facilities: facility.mshFacilities };
      const bytes = Buffer.from(await request.arrayBuffer());
      if (/xml|json/iu.test(request.headers.get('content-type') ?? '')) {
        await intake.keepNoise(bytes, bytes.length, 'sent as XML or JSON: HL7 v2 is read as ER7 text', from);
        return { status: 415, body: 'Send HL7 v2 as ER7 text (MSH|^~\\&|…), content type x-application/hl7-v2+er7 or text/plain.' };
      }
      return { status: 200, headers: ER7, body: await intake.receive(bytes, from) };
    },
  });
}

const ER7 = { 'Content-Type': 'x-application/hl7-v2+er7' };
