import { onBlobStorage } from '../support/blob-places.ts';
import { blobBodiesContract } from './blob-bodies.contract.ts';

onBlobStorage((name, connection) => {
  blobBodiesContract(`Blob Storage (${name})`, connection);
});
