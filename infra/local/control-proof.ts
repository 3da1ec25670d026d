import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';

export type Proven = { readonly ok: true; readonly name: string } | { readonly ok: false; readonly why: string };

/**
 * The account that made the proof: the owner of the file. It must be a plain file of one name that nobody else may write to and that holds the nonce,
 * so that neither a link to another's file nor another's file moved here proves anything.
 * On Windows a named pipe lets only the service's own account (and administrators) write to it: that account is the one that asks.
 */
export async function accountOfProof(file: string, nonce: string): Promise<Proven> {
  if (process.platform === 'win32') return { ok: true, name: userInfo().username };
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const proof = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stat = await proof.stat();
      if (!stat.isFile() || stat.nlink !== 1 || (stat.mode & 0o022) !== 0 || stat.size !== nonce.length) return notProven;
      if ((await proof.readFile('latin1')) !== nonce) return notProven;
      return { ok: true, name: await accountNamed(stat.uid) };
    } finally {
      await proof.close();
    }
  } catch {
    return notProven;
  }
}

const notProven = { ok: false, why: 'Nothing proves which account asks: the proof is missing, or it is not a plain file of one owner.' } as const;

/** The account's name; `uid:N` when this machine has none for it. */
async function accountNamed(uid: number): Promise<string> {
  return ownName(uid) ?? (await fromPasswd(uid)) ?? (await fromDirectory(uid)) ?? `uid:${uid}`;
}

function ownName(uid: number): string | null {
  try {
    const own = userInfo();
    return own.uid === uid ? own.username : null;
  } catch {
    // A container that runs under a number without a name.
    return null;
  }
}

async function fromPasswd(uid: number): Promise<string | null> {
  const lines = await readFile('/etc/passwd', 'utf8').then(
    (text) => text.split('\n'),
    () => [],
  );
  return nameIn(lines, uid);
}

/** Accounts of a domain (SSSD, winbind) are known to getent alone. */
function fromDirectory(uid: number): Promise<string | null> {
  return new Promise((resolve) => {
    execFile('/usr/bin/getent', ['passwd', String(uid)], { timeout: 5000 }, (error, out) => {
      resolve(error === null ? nameIn(out.split('\n'), uid) : null);
    });
  });
}

function nameIn(lines: readonly string[], uid: number): string | null {
  const found = lines.map((line) => line.split(':')).find((fields) => fields[2] === String(uid));
  return found?.[0] ?? null;
}
