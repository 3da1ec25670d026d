import { app } from '@azure/functions';
import type { HttpResponseInit } from '@azure/functions';
import type { Bringer } from '#engine/intake.js';
import type { SiteSettings } from '#domain/site.js';

type Facility = SiteSettings['facilities'][number];

/** POST /api/hl7: HL7 v2 as ER7 text from an interface engine, bearer token bound to a facility. The HL7 ACK is the body, HTTP 200 whenever there is one. */
export function registerHl7In(
  facilityOf: (authorization: string | null) => Facility | null,
  receive: (bytes: Buffer, from: Bringer) => Promise<Buffer>,
): void {
  app.http('hl7-in', {
    methods: ['POST'],
    authLevel: 'anonymous',
    route: 'hl7',
    async handler(request): Promise<HttpResponseInit> {
      const facility = facilityOf(request.headers.get('authorization'));
      if (!facility) return { status: 401, headers: { 'WWW-Authenticate': 'Bearer' }, body: 'A bearer token of a facility of this site is needed.' };
      const type = request.headers.get('content-type') ?? '';
      if (/xml|json/iu.test(type))
        return { status: 415, body: 'Send HL7 v2 as ER7 text (MSH|^~\\&|…), content type x-application/hl7-v2+er7 or text/plain.' };
      const bytes = Buffer.from(await request.arrayBuffer());
      if (bytes.length > LIMIT) return { status: 413, body: `A message may have ${LIMIT} bytes.` };
      const ack = await receive(bytes, { endpoint: `https:${facility.id}`, facilities: facility.mshFacilities });
      return { status: 200, headers: { 'Content-Type': 'x-application/hl7-v2+er7' }, body: ack };
    },
  });
}

/** The same limit as on MLLP. */
const LIMIT = 10 * 1024 * 1024;
