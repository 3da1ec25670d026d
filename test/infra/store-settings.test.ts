import { azureStoreOf } from '../../functions/config-azure.ts';

const onAzure = {
  RADLOOP_COSMOS_ENDPOINT: 'https://name.documents.azure.com:443/',
  RADLOOP_SERVICE_BUS_NAMESPACE: 'name.servicebus.windows.net',
  RADLOOP_BLOB_ENDPOINT: 'https://name.blob.core.windows.net/',
  RADLOOP_KEY_ID: 'https://name.vault.azure.net/keys/site-wrap',
  RADLOOP_SIGN_KEY_ID: 'https://name.vault.azure.net/keys/site-sign',
  RADLOOP_ANCHORS: 'https://anchors.blob.core.windows.net/anchors',
  RADLOOP_DOWNTIME: 'https://name.blob.core.windows.net/downtime',
};
const here = {
  RADLOOP_COSMOS_ENDPOINT: 'http://127.0.0.1:8081',
  RADLOOP_COSMOS_KEY: 'a2V5',
  RADLOOP_SERVICE_BUS_CONNECTION: 'Endpoint=sb://127.0.0.1:5672;SharedAccessKeyName=local;SharedAccessKey=none;UseDevelopmentEmulator=true',
  RADLOOP_BLOB_CONNECTION: 'DefaultEndpointsProtocol=http;AccountName=local;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:10000/local;',
  RADLOOP_SITE_KEY: '/var/lib/radloop/site.key',
};

describe('the settings of the parts on Azure', () => {
  it('are addresses alone on Azure: each part is reached with the managed identity', () => {
    expect(azureStoreOf(onAzure)).toMatchObject({
      isHere: false,
      cosmos: { endpoint: onAzure.RADLOOP_COSMOS_ENDPOINT, database: 'radloop' },
      key: { vaultUrl: 'https://name.vault.azure.net', wrapKey: 'site-wrap', signKey: 'site-sign' },
    });
    expect(JSON.stringify(azureStoreOf(onAzure))).not.toMatch(/SharedAccessKey|AccountKey/u);
  });

  it('may be a key and connection strings for this machine', () => {
    expect(azureStoreOf(here)).toMatchObject({ isHere: true, key: { file: here.RADLOOP_SITE_KEY }, anchors: 'anchors', downtime: 'downtime' });
  });

  it.each([
    ['RADLOOP_COSMOS_KEY', 'a2V5'],
    ['RADLOOP_SERVICE_BUS_CONNECTION', 'Endpoint=sb://name.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=c2VjcmV0'],
    ['RADLOOP_SERVICE_BUS_CONNECTION', 'Endpoint=sb://127.0.0.1.evil.example/;SharedAccessKey=c2VjcmV0'],
    ['RADLOOP_BLOB_CONNECTION', 'DefaultEndpointsProtocol=https;AccountName=name;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net'],
    ['RADLOOP_SITE_KEY', '/home/site/site.key'],
  ])('refuse %s for any other address, and say what stands in its place', (name, value) => {
    const faults = azureStoreOf({ ...onAzure, [name]: value });
    expect(faults).toEqual([
      expect.stringMatching(new RegExp(`^${name}: a key is taken for an address of this machine only.*managed identity`, 'u')),
    ]);
    expect(JSON.stringify(faults)).not.toContain('c2VjcmV0');
  });

  it('name each that is missing, and a key id that names a version or another vault', () => {
    expect(azureStoreOf({})).toEqual(
      ['COSMOS_ENDPOINT', 'SERVICE_BUS_NAMESPACE', 'BLOB_ENDPOINT', 'KEY_ID', 'SIGN_KEY_ID', 'ANCHORS', 'DOWNTIME'].map(
        (name) => `RADLOOP_${name}: needed with RADLOOP_STORE=azure`,
      ),
    );
    for (const id of ['https://other.vault.azure.net/keys/site-sign', `${onAzure.RADLOOP_SIGN_KEY_ID}/0123456789abcdef`])
      expect(azureStoreOf({ ...onAzure, RADLOOP_SIGN_KEY_ID: id })).toEqual([expect.stringContaining('without a version, both of one vault')]);
  });
});
