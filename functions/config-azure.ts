import { z } from 'zod/v4';

/**
 * Where the parts on Azure are. There each is reached with the app's managed identity: no key, no password. A key or a connection string is taken for an address of this
 * machine only, where an emulator or a peer stands.
 */
export const azureSettings = {
  /** Such as https://NAME.documents.azure.com:443/ */
  RADLOOP_COSMOS_ENDPOINT: z.url().optional(),
  RADLOOP_COSMOS_DATABASE: z.string().min(1).default('radloop'),
  /** On this machine only. */
  RADLOOP_COSMOS_KEY: z.string().min(1).optional(),
  /** Such as NAME.servicebus.windows.net; its queue is `case-events`. */
  RADLOOP_SERVICE_BUS_NAMESPACE: z.string().min(1).optional(),
  /** On this machine only, in place of the namespace. */
  RADLOOP_SERVICE_BUS_CONNECTION: z.string().min(1).optional(),
  /** Such as https://NAME.blob.core.windows.net/; messages lie in its container `bodies`. */
  RADLOOP_BLOB_ENDPOINT: z.url().optional(),
  /** On this machine only, in place of the endpoint. */
  RADLOOP_BLOB_CONNECTION: z.string().min(1).optional(),
  /** The key that wraps the store's data keys, without a version: https://VAULT/keys/NAME. On this machine RADLOOP_SITE_KEY may stand in its place. */
  RADLOOP_KEY_ID: z.url().optional(),
  /** The key that signs the audit, in the same vault. */
  RADLOOP_SIGN_KEY_ID: z.url().optional(),
  /** After a restore to a point in time, for the auditor: the `hash` of the last line in the container of anchors, which the restored store does not reach any more. */
  RADLOOP_RESTORED_OVER: z
    .string()
    .regex(/^[0-9a-f]{64}$/u, 'write the hash of the last anchor, 64 hexadecimal digits')
    .optional(),
  /** Client id of the app's user-assigned managed identity. */
  AZURE_CLIENT_ID: z.string().min(1).optional(),
};

type Name = keyof typeof azureSettings | 'RADLOOP_SITE_KEY' | 'RADLOOP_ANCHORS' | 'RADLOOP_DOWNTIME';
type Given = { readonly [name in Name]?: string | undefined };

/** Reached with managed identity, or on this machine with a key. */
export interface AzureStore {
  readonly isHere: boolean;
  readonly cosmos: { readonly endpoint: string; readonly database: string; readonly key?: string };
  readonly bus: { readonly namespace: string } | { readonly connectionString: string };
  readonly blobs: { readonly url: string } | { readonly connectionString: string };
  readonly key: { readonly file: string } | { readonly vaultUrl: string; readonly wrapKey: string; readonly signKey: string };
  /** URL of the container of anchors; on this machine its name. */
  readonly anchors: string;
  /** As `anchors`, of the downtime lists. */
  readonly downtime: string;
  readonly identityClientId?: string;
  /** Hash of the anchor that a restore has given up. */
  readonly restoredOver?: string;
}

/** @returns what is missing or wrong, each with the name of its setting */
export function azureStoreOf(given: Given): AzureStore | readonly string[] {
  const faults: string[] = [];
  const needed = (name: Name): string => {
    const value = given[name];
    if (value === undefined) faults.push(`${name}: needed with RADLOOP_STORE=azure`);
    return value ?? '';
  };
  const hereOnly = (name: Name, address: string, instead: string): void => {
    if (given[name] !== undefined && !isHere(address))
      faults.push(
        `${name}: a key is taken for an address of this machine only (127.0.0.1); on Azure leave it out${instead}: the managed identity is asked`,
      );
  };
  const endpoint = needed('RADLOOP_COSMOS_ENDPOINT');
  const { RADLOOP_COSMOS_KEY: key, RADLOOP_SERVICE_BUS_CONNECTION: bus, RADLOOP_BLOB_CONNECTION: blobs, RADLOOP_SITE_KEY: file } = given;
  hereOnly('RADLOOP_COSMOS_KEY', endpoint, '');
  hereOnly('RADLOOP_SERVICE_BUS_CONNECTION', /Endpoint=([^;]+)/u.exec(bus ?? '')?.[1] ?? '', ' and set RADLOOP_SERVICE_BUS_NAMESPACE');
  hereOnly('RADLOOP_BLOB_CONNECTION', /BlobEndpoint=([^;]+)/u.exec(blobs ?? '')?.[1] ?? '', ' and set RADLOOP_BLOB_ENDPOINT');
  hereOnly('RADLOOP_SITE_KEY', endpoint, ' and set RADLOOP_KEY_ID and RADLOOP_SIGN_KEY_ID');
  const store: AzureStore = {
    isHere: isHere(endpoint),
    cosmos: { endpoint, database: given.RADLOOP_COSMOS_DATABASE ?? 'radloop', ...(key === undefined ? {} : { key }) },
    bus: bus === undefined ? { namespace: needed('RADLOOP_SERVICE_BUS_NAMESPACE') } : { connectionString: bus },
    blobs: blobs === undefined ? { url: needed('RADLOOP_BLOB_ENDPOINT') } : { connectionString: blobs },
    key: file === undefined ? vaultOf(needed('RADLOOP_KEY_ID'), needed('RADLOOP_SIGN_KEY_ID'), faults) : { file },
    anchors: given.RADLOOP_ANCHORS ?? (blobs === undefined ? needed('RADLOOP_ANCHORS') : 'anchors'),
    downtime: given.RADLOOP_DOWNTIME ?? (blobs === undefined ? needed('RADLOOP_DOWNTIME') : 'downtime'),
    ...(given.RADLOOP_RESTORED_OVER === undefined ? {} : { restoredOver: given.RADLOOP_RESTORED_OVER }),
    ...(given.AZURE_CLIENT_ID === undefined ? {} : { identityClientId: given.AZURE_CLIENT_ID }),
  };
  return faults.length === 0 ? store : faults;
}

function vaultOf(wrapId: string, signId: string, faults: string[]): AzureStore['key'] {
  const [wrap, sign] = [wrapId, signId].map((id) => /^(https:\/\/[^/]+)\/keys\/([\w-]+)\/?$/u.exec(id));
  const [, vaultUrl = '', wrapKey = ''] = wrap ?? [];
  const [, signVault, signKey = ''] = sign ?? [];
  if (wrapId !== '' && signId !== '' && (wrap === null || sign === null || signVault !== vaultUrl))
    faults.push('RADLOOP_KEY_ID, RADLOOP_SIGN_KEY_ID: write each as https://VAULT/keys/NAME, without a version, both of one vault');
  return { vaultUrl, wrapKey, signKey };
}

function isHere(address: string): boolean {
  return URL.canParse(address) && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/u.test(new URL(address.replace(/^sb:/u, 'http:')).hostname);
}
