/** The parts of a message that a mail program shows first. Enough of RFC 5322, 2045 and 2047 for one text part; `key` is the Message-ID. */
export function readMail(message: Buffer): {
  readonly key: string;
  readonly subject: string;
  readonly text: string;
  readonly headers: ReadonlyMap<string, string>;
} {
  const raw = message.toString('latin1');
  const end = raw.indexOf('\r\n\r\n');
  const head = raw.slice(0, end < 0 ? raw.length : end).replaceAll(/\r\n(?=[ \t])/gu, '');
  const headers = new Map(
    head.split('\r\n').map((line): [string, string] => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  const text = decoded(end < 0 ? '' : raw.slice(end + 4), headers.get('content-transfer-encoding') ?? '7bit').toString('utf8');
  return {
    key: headers.get('message-id')?.replaceAll(/[<>]/gu, '') ?? '',
    subject: words(headers.get('subject') ?? ''),
    text: text.replaceAll('\r\n', '\n').trim(),
    headers,
  };
}

function decoded(body: string, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body, 'base64');
  if (encoding !== 'quoted-printable') return Buffer.from(body, 'latin1');
  return quoted(body.replaceAll(/=[ \t]*\r\n/gu, ''));
}

function quoted(text: string): Buffer {
  return Buffer.from(
    text.replaceAll(/=([0-9A-F]{2})/giu, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

function words(subject: string): string {
  return subject
    .replaceAll(/\?=\s+=\?/gu, '?==?')
    .replaceAll(/=\?utf-8\?([bq])\?([^?]*)\?=/giu, (_all, how: string, said: string) =>
      (how.toLowerCase() === 'b' ? Buffer.from(said, 'base64') : quoted(said.replaceAll('_', ' '))).toString('latin1'),
    )
    .replace(/^[\s\S]*$/u, (all) => Buffer.from(all, 'latin1').toString('utf8'));
}
