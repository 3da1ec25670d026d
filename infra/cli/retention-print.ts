import type { ParseArgsOptionsConfig } from 'node:util';
import type { RetentionPolicy } from '#domain/retention.js';
import type { CustodyReply, KeysShown } from '#ports/custody.js';

export const reasonOptions = {
  reason: { type: 'string', default: '' },
  'dry-run': { type: 'boolean', default: false },
} as const satisfies ParseArgsOptionsConfig;

export const REASON_HELP = `  --reason TEXT  why; stands in the audit with your name. No patient data in it
  --dry-run      says what would happen and changes nothing`;

export const NEEDS_SERVICE = 'Needs the running service, which decides.';

/** Prints an answer on keys, retention or the policy of critical results. Gives the exit code: 1 when the answer is no. @param of command that confirms */
export function printCustody(reply: CustodyReply, json: boolean, of = 'retention'): number {
  if (json) {
    console.log(JSON.stringify(reply.ok ? withoutFrame(reply) : { error: { code: reply.code, message: reply.text, at: null } }));
    return reply.ok ? 0 : 1;
  }
  if (!reply.ok) {
    console.error(plain(reply.text));
    return 1;
  }
  const lines = linesOf(reply, of);
  for (const line of lines) console.log(plain(line));
  return lines.some((line) => line.startsWith('NOT done')) ? 1 : 0;
}

function withoutFrame({ ok: _, ...reply }: Extract<CustodyReply, { ok: true }>): object {
  return reply;
}

function linesOf(reply: Extract<CustodyReply, { ok: true }>, of: string): readonly string[] {
  switch (reply.answer) {
    case 'keys':
      return keyLines(reply.keys);
    case 'retention': {
      const { policy, held } = reply;
      return [
        policy.inForce === null ? 'The service has not noted a retention yet.' : policyLine(policy.inForce),
        ...(policy.notBefore === null
          ? []
          : [
              `Nothing is taken away before ${time(policy.notBefore)}; what would go then says: radloop audit query --action retention-waits`,
              'What must stay is kept by a legal hold (radloop retention hold), or by longer days in site.json.',
            ]),
        ...policy.shorter.map((line) => `site.json asks for ${line}: two people have to agree (radloop retention shorten)`),
        ...held.map(({ number, by, since, reason }) => `${number} under legal hold since ${time(since)} by ${by ?? 'unknown'}: ${reason}`),
        ...(held.length === 0 ? ['No case is under legal hold.'] : []),
      ];
    }
    case 'critical-policy':
      return reply.looser.length === 0
        ? ['The site’s policy of critical results counts, or does from the next start on: nothing waits for two people.']
        : [
            'The policy of before counts. The site’s content asks for what two people have to agree on (radloop critical policy change):',
            ...reply.looser.map((line) => `  ${line}`),
          ];
    case 'case':
      return reply.text;
    case 'acted':
      return reply.text.map((line) => (reply.dryRun ? `would: ${line}` : line));
    case 'waits':
      return [
        ...reply.text.map((line) => `would: ${line}`),
        `Nothing is done yet. Another person confirms it before ${time(reply.until)} with`,
        `  radloop ${of} confirm ${reply.bulk}`,
      ];
    default:
      return reply satisfies never;
  }
}

function keyLines({ file, versions, waiting }: KeysShown): readonly string[] {
  const rows = versions.map(({ version, isCurrent, made, dataKeys, signatures }) =>
    [`version ${version.padEnd(3)}`, `made ${time(made)}`, `${dataKeys} data keys`.padEnd(16), `${signatures} signatures`, isCurrent ? 'current' : '']
      .join('  ')
      .trimEnd(),
  );
  return [`site key ${file}`, ...rows, ...(waiting > 0 ? [`A rotation is under way: ${waiting} data keys are still to be wrapped anew.`] : [])];
}

function policyLine({ rawDays, caseDays, auditYears, source }: RetentionPolicy): string {
  const cases = caseDays === null ? 'for good' : `${caseDays} days after their end`;
  return `Messages are kept ${rawDays} days, cases ${cases}, the audit ${auditYears} years (${source}).`;
}

function time(at: string | null): string {
  return at === null ? 'at an unknown time' : `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

/** Reasons are typed by people, and a terminal obeys control characters. */
function plain(line: string): string {
  return line.replaceAll(/\p{C}/gu, ' ');
}
