import { ManagedIdentityCredential } from '@azure/identity';
import { BlobServiceClient, ContainerClient } from '@azure/storage-blob';

export interface ContainerSettings {
  /** URL of the container, reached with managed identity; with `connectionString` its name. */
  readonly container: string;
  /** Of an emulator or a peer; the container is made when it is missing. */
  readonly connectionString?: string;
  /** Of a user-assigned identity. @default the system's */
  readonly identityClientId?: string;
}

/** A container of Blob Storage for something other than bodies: anchors, downtime lists. */
export async function openContainer({ container, connectionString, identityClientId }: ContainerSettings): Promise<ContainerClient> {
  const options = { retryOptions: { maxTries: 3, tryTimeoutInMs: 5000, retryDelayInMs: 100, maxRetryDelayInMs: 2000 } };
  if (connectionString === undefined) {
    const identity = identityClientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId: identityClientId });
    return new ContainerClient(container, identity, options);
  }
  const client = BlobServiceClient.fromConnectionString(connectionString, options).getContainerClient(container);
  await client.createIfNotExists();
  return client;
}
