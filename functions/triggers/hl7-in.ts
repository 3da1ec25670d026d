import { app } from '@azure/functions';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { FacilityOf } from '#engine/doorkeeper.js';
import type { Bringer, Received } from '#engine/intake.js';

/** What the intake does with a body. */
export interface Hl7Intake {
  readonly receive: (bytes: Buffer, from: Bringer) => Promise<Received>;
  readonly keepNoise: (bytes: Buffer, length: number, reason: string, from: Bringer) => Promise<void>;
  /** The application answer of enhanced mode is in the response. */
  readonly answered: (identity: string) => Promise<void>;
  /** Commit and application answer as one batch. */
  readonly batchOf: (answers: readonly Buffer[]) => Buffer;
  readonly refused: (address: string, why: string) => void;
}

/**
 * POST /api/hl7: HL7 v2 from an interface engine (Mirth, Cloverleaf, Rhapsody), bearer token or client certificate bound to a facility. ER7 text as it is, a batch
 * too, or JSON with the message in base64. The HL7 ACK is the body, HTTP 200 whenever there is one; in enhanced mode commit and application answer, both as a batch.
 * HL7 as XML is answered 415, JSON that can't be read 400. Whatever comes from a facility is kept; from anybody else nothing is.
 */
export function registerHl7In(facilityOf: FacilityOf, intake: Hl7Intake): void {
  app.http('hl7-in', { methods: ['POST'], authLevel: 'anonymous', route: 'hl7', handler: hl7InHandler(facilityOf, intake) });
}

export function hl7InHandler(facilityOf: FacilityOf, intake: Hl7Intake): (request: HttpRequest) => Promise<HttpResponseInit> {
  return async (request) => {
    const facility = facilityOf({ authorization: request.headers.get('authorization'), certificate: request.headers.get('x-arr-clientcert') });
    if (facility === null) {
      intake.refused('https', 'no-facility');
      return { status: 401, headers: { 'WWW-Authenticate': 'Bearer' }, body: NO_FACILITY };
    }
    const from: Bringer = { endpoint: `https:${facility.id}`, facility };
    const body = Buffer.from(await request.arrayBuffer());
    const message = messageIn(request, body);
    if ('status' in message) {
      await intake.keepNoise(body, body.length, message.reason, from);
      return { status: message.status, body: message.says };
    }
    return answerOf(intake, await intake.receive(message.bytes, from));
  };
}

const NO_FACILITY = 'A bearer token or a client certificate of a facility of this site is needed.';
const ER7 = { 'Content-Type': 'x-application/hl7-v2+er7' };

type Unread = { readonly status: 400 | 415; readonly says: string; readonly reason: string };

function messageIn(request: HttpRequest, body: Buffer): { readonly bytes: Buffer } | Unread {
  const type = request.headers.get('content-type') ?? '';
  if (/xml/iu.test(type) || isXml(body)) {
    const says =
      'HL7 v2 as XML is not read here: segments can be lost and escapes mean something else in it. Send ER7 text (MSH|^~\\&|…), content type x-application/hl7-v2+er7 or text/plain.';
    return { status: 415, says, reason: 'sent as HL7 XML: HL7 v2 is read as ER7 text' };
  }
  return /json/iu.test(type) ? unwrapped(body) : { bytes: body };
}

/** By its first bytes, whatever the content type says. */
function isXml(body: Buffer): boolean {
  return /^(?:\u00EF\u00BB\u00BF)?\s*<(?:\?xml|[A-Za-z!])/u.test(body.subarray(0, 64).toString('latin1'));
}

/** `{"message":"<base64 of the ER7 bytes>"}`; whatever else is in it is not read. */
function unwrapped(body: Buffer): { readonly bytes: Buffer } | Unread {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    return { status: 400, says: 'The body is no JSON. Send {"message":"<base64 of the ER7 message>"}.', reason: 'sent as JSON that can not be read' };
  }
  const message = typeof json === 'object' && json !== null && 'message' in json ? json.message : null;
  const bytes = typeof message === 'string' ? Buffer.from(message, 'base64') : Buffer.alloc(0);
  // Node leaves out what is no base64: then it is not what was sent. Line ends and missing padding are harmless.
  const bare = (text: string): string => text.replace(/[\s=]/gu, '');
  if (bytes.length > 0 && bare(bytes.toString('base64')) === bare(String(message))) return { bytes };
  const says = 'The JSON has no "message" with base64 in it. Send {"message":"<base64 of the ER7 message>"}.';
  return { status: 400, says, reason: 'sent as JSON without a message in base64' };
}

async function answerOf(intake: Hl7Intake, { identity, commit, application }: Received): Promise<HttpResponseInit> {
  const answers = [commit, application].filter((answer) => answer !== null);
  if (commit !== null && application !== null) await intake.answered(identity);
  const [first] = answers;
  if (first === undefined) return { status: 204 };
  return { status: 200, headers: ER7, body: answers.length === 1 ? first : intake.batchOf(answers) };
}
