import { namesInCertificate } from '#core/certificate.js';

describe('the names of a certificate', () => {
  it.each([
    ['DNS and URI names, in their order', 'DNS:ris.example, IP Address:10.0.0.1, URI:urn:ris', ['CN'], ['ris.example', 'urn:ris']],
    ['a name with a comma, which holds no other', 'DNS:"a, DNS:admin.example", URI:urn:x', [], ['a, DNS:admin.example', 'urn:x']],
    ['a name with a quote', String.raw`URI:"urn:\"x\", DNS:b"`, [], ['urn:"x", DNS:b']],
    ['the common name when there is no other', undefined, ['ward-engine'], ['ward-engine']],
    ['the common name when no other kind counts', 'email:a@b.example', ['ward-engine'], ['ward-engine']],
    ['nothing when there are two common names', undefined, ['one', 'two'], []],
    ['nothing at all', '', [], []],
  ])('are %s', (_name, alternative, common, names) => {
    expect(namesInCertificate(alternative, common)).toEqual(names);
  });
});
