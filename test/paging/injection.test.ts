import fc from 'fast-check';
import { sheetOf } from '#adapters/paging/printer.js';
import { outsideKey, outsideUuid, smallScreen } from '#adapters/paging/text.js';
import type { PagingChannel } from '#core/effect.js';
import { readMail } from '../../infra/rehearsal/paging-mail.ts';
import { aPage, pagerFor, settingsFor, startSide, stopSides } from '../support/paging.ts';

afterEach(stopSides);

const ESC = '\u001b';
const hostile = [
  'Critical\r\nBcc: everybody@evil.example\r\n\r\nhello',
  'Critical\nSubject: another',
  `${ESC}%-12345X@PJL SET SERVICEMODE=HPBOISEID`,
  '@PJL DEFAULT PASSWORD=0',
  '%!PS-Adobe-3.0 (x) show showpage',
  '<speak><audio src="http://evil.example/a.mp3"/>&amp;</speak>',
  '\u202Eetirw ton od\u2066\u200B',
  '\r\n.\r\nMAIL FROM:<a@evil.example>\r\n',
  '"; DROP TABLE pages; --',
  '{"to":"+15559999"}',
];

describe('texts that try to be more than text', () => {
  it.each(hostile)('stay text on every channel: %j', async (text) => {
    const side = await startSide();
    const { pager } = pagerFor(settingsFor(side));
    for (const channel of ['pager', 'sms', 'voice', 'email', 'print'] as const) {
      const sent = await pager.send(aPage(channel, { subject: text, text, callBack: '+1 555 0100\r\nX-Evil: 1', sheet: [text] }));
      expect([channel, sent]).toMatchObject([channel, { ok: true }]);
    }
    expect(side.lines.map(({ channel, to }) => [channel, to])).toEqual([
      ['pager', 'neurosurgery-1'],
      ['sms', '+15550123'],
      ['voice', '+15550124'],
      ['email', 'on.call@hospital.example'],
      ['print', 'printer'],
    ]);
    for (const { channel, subject, text: said, callBack } of side.lines) {
      expect(subject ?? '').not.toMatch(/\p{Cc}/u);
      expect(callBack ?? '').not.toMatch(/\p{Cc}/u);
      expect(said).not.toMatch(channel === 'print' ? /[^ -~\r\n\f]/u : /[^\P{Cc}\n]|\p{Cf}/u);
      if (channel === 'voice') expect(said).not.toMatch(/[<>&]/u);
    }
  });

  it('a mail has the headers that we wrote and no others, and each once', async () => {
    const message = await mailOf('Critical\r\nBcc: everybody@evil.example\r\nX-Evil: 1', 'a@b.example, c@evil.example');
    expect(message).toBeNull();
    const good = await mailOf('Critical\r\nBcc: everybody@evil.example\r\nX-Evil: 1', 'on.call@hospital.example');
    expect(good?.headers.has('bcc')).toBe(false);
    expect(good?.headers.has('x-evil')).toBe(false);
    expect(good?.headers.get('auto-submitted')).toBe('auto-generated');
    expect(good?.headers.get('importance')).toBe('high');
    expect(good?.headers.get('to')).toBe('on.call@hospital.example');
    expect(good?.subject).toBe('Critical Bcc: everybody@evil.example X-Evil: 1');
  });

  it('letters beyond ASCII arrive in mail as they were', async () => {
    expect((await mailOf('Resultado crítico: señal ñ, 7KF3QN', 'on.call@hospital.example'))?.subject).toBe('Resultado crítico: señal ñ, 7KF3QN');
  });

  it('whatever is printed is printable, ends with one form feed and has no line of more than 80 columns', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { maxLength: 20 }), (sheet) => {
        const bytes = sheetOf(aPage('print', { sheet })).toString('latin1');
        expect(bytes).toMatch(/^[ -~\r\n]*\f$/u);
        for (const line of bytes.slice(0, -1).split('\r\n')) {
          expect(line.length).toBeLessThanOrEqual(80);
          expect(line).toMatch(/^(?: .*)?$/u);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('nothing of a long line is lost on paper, and no word is broken', () => {
    const long = Array.from({ length: 60 }, (_, n) => `word${String(n)}`).join(' ');
    const printed = sheetOf(aPage('print', { sheet: [long] })).toString('latin1');
    expect(
      printed
        .replaceAll(/\r\n ?/gu, ' ')
        .replace('\f', '')
        .trim(),
    ).toBe(long);
  });

  it('what is too long for a small screen loses the text first and keeps the number to dial', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 900 }), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 900 }), (subject, text) => {
        const said = smallScreen(aPage('sms', { subject, text }), 459);
        expect(said.length).toBeLessThanOrEqual(459);
        expect(said).toContain('+1 555 0100');
      }),
      { numRuns: 200 },
    );
    expect(smallScreen(aPage('sms', { text: 'x'.repeat(500) }), 459)).toBe('Critical result, category 1: 7KF3QN\n+1 555 0100');
  });

  it('the key that leaves says nothing of the case, and is the same each time', () => {
    expect(outsideKey('critical-results:P000123/e/page')).toMatch(/^[0-9a-f]{32}$/u);
    expect(outsideKey('a')).toBe(outsideKey('a'));
    expect(outsideKey('a')).not.toBe(outsideKey('b'));
    expect(outsideUuid('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u);
  });
});

describe('addresses that try to be more than one', () => {
  const addresses: readonly (readonly [PagingChannel, string])[] = [
    ['email', 'a@b.example, c@evil.example'],
    ['email', 'a@b.example\r\nRCPT TO:<c@evil.example>'],
    ['email', '<a@b.example> SIZE=1'],
    ['email', '"a b"@b.example'],
    ['email', 'a@b.example;c@evil.example'],
    ['sms', '15550123'],
    ['sms', '+15550123,+15559999'],
    ['sms', '+1555 0123'],
    ['voice', 'sip:evil@evil.example'],
    ['voice', '+15550124;ext=1'],
    ['print', 'other'],
    ['print', '__proto__'],
    ['print', '127.0.0.1:9100'],
  ];

  it.each(addresses)('%s to %j is not sent, and is not told on', async (channel, address) => {
    const side = await startSide();
    const { pager } = pagerFor(settingsFor(side));
    const sent = await pager.send(aPage(channel, { address }));
    expect(sent).toMatchObject({ ok: false, code: expect.stringMatching(/^(?:cannot-be-written|not-allowed)$/u) });
    expect(JSON.stringify(sent)).not.toContain(address.slice(0, 8));
    expect(side.lines).toEqual([]);
  });

  it('a pager’s name with line ends goes as one line', async () => {
    const side = await startSide();
    await pagerFor(settingsFor(side)).pager.send(aPage('pager', { address: 'neuro\r\nx-evil: 1' }));
    expect(side.lines.map(({ to }) => to)).toEqual(['neuro x-evil: 1']);
  });
});

/** The message as a mail program reads it; null: none was sent. */
async function mailOf(subject: string, address: string): Promise<ReturnType<typeof readMail> | null> {
  const mails: Buffer[] = [];
  const side = await startSide({ onMail: (mail) => mails.push(mail) });
  const { pager } = pagerFor(settingsFor(side, ['email']));
  await pager.send(aPage('email', { subject, address }));
  const [mail] = mails;
  return mail === undefined ? null : readMail(mail);
}
