import { createHash } from 'node:crypto';
import { ManagedIdentityCredential } from '@azure/identity';
import { BlobServiceClient, RestError } from '@azure/storage-blob';
import type { ContainerClient } from '@azure/storage-blob';
import type { SiteScope, SiteSealing } from './site-keys.ts';

export interface BlobSettings {
  /** Such as https://radloop.blob.core.windows.net: reached with managed identity. */
  readonly url?: string;
  /** Of an emulator or a peer, in place of the address. */
  readonly connectionString?: string;
  /** Of a user-assigned identity. @default the system's */
  readonly identityClientId?: string;
  /** @default raw */
  readonly container?: string;
  /** Makes the container when it is missing: on a developer's machine only. @default false */
  readonly create?: boolean;
}

/** Bodies of messages, too large and too many for documents: sealed, each under its day and its hash, written before the row that names it. */
export interface Bodies {
  /** On disk when it resolves. The same bytes of the same day are one body. @returns its name, for the row */
  put(scope: SiteScope, bytes: Uint8Array): Promise<string>;
  /** Throws BodyMissing, DayShredded, SealBroken. */
  get(name: string): Promise<Buffer>;
}

/** A row names a body that is not in Blob Storage. */
export class BodyMissing extends Error {
  override name = 'BodyMissing';
}

/** Blob Storage did not do what was asked, in closed words and numbers. */
export class BlobFailure extends Error {
  override name = 'BlobFailure';
}

/** Seconds for one try; there are three. */
const TRY_SECONDS = 5;
const DONE_BEFORE = [409, 412];

export async function openBodies(settings: BlobSettings, sealing: SiteSealing): Promise<Bodies> {
  const container = serviceOf(settings).getContainerClient(settings.container ?? 'raw');
  if (settings.create === true) await asked('make the container', () => container.createIfNotExists());
  return blobBodies(container, sealing);
}

function serviceOf({ url, connectionString, identityClientId }: BlobSettings): BlobServiceClient {
  const options = { retryOptions: { maxTries: 3, tryTimeoutInMs: TRY_SECONDS * 1000, retryDelayInMs: 100, maxRetryDelayInMs: 2000 } };
  if (connectionString !== undefined) return BlobServiceClient.fromConnectionString(connectionString, options);
  if (url === undefined) throw new TypeError('Blob Storage needs its address, or the connection string of an emulator.');
  const identity = identityClientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId: identityClientId });
  return new BlobServiceClient(url, identity, options);
}

function blobBodies(container: ContainerClient, sealing: SiteSealing): Bodies {
  return {
    async put(scope, bytes) {
      const name = `${scope.replace('day:', '')}/${createHash('sha256').update(bytes).digest('hex')}`;
      const sealed = await sealing.seal(scope, `body|${name}`, bytes);
      await asked('write a body', () => container.getBlockBlobClient(name).uploadData(sealed, { conditions: { ifNoneMatch: '*' } }), DONE_BEFORE);
      return name;
    },
    async get(name) {
      const sealed = await asked('read a body', () => container.getBlockBlobClient(name).downloadToBuffer(), [404]);
      if (sealed === null)
        throw new BodyMissing('The body of a message that was kept is not in Blob Storage: restore its container from before it went.');
      const day = name.slice(0, name.indexOf('/'));
      return sealing.open(day === 'site' ? 'site' : `day:${day}`, `body|${name}`, sealed);
    },
  };
}

/** @param expected answers that mean it need not be done: null then */
async function asked<T>(what: string, ask: () => Promise<T>, expected: readonly number[] = []): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    const status = error instanceof RestError ? error.statusCode : undefined;
    if (status !== undefined && expected.includes(status)) return null;
    const code = error instanceof RestError ? (error.code ?? 'no code') : error instanceof Error ? error.name : 'unknown';
    throw new BlobFailure(`Blob Storage did not ${what}: ${status === undefined ? `no answer (${code})` : `HTTP ${status}`}.`);
  }
}
