import { ownReference } from '#adapters/fhir-in/references.js';
import { fhirSubscriptions } from '#domain/site.js';

const base = 'https://ehr.example/fhir';

describe('a reference is followed only to the own EHR', () => {
  it.each([
    ['ServiceRequest/7', 'ServiceRequest/7'],
    ['ServiceRequest/7/_history/3', 'ServiceRequest/7'],
    ['https://ehr.example/fhir/ServiceRequest/7', 'ServiceRequest/7'],
    ['https://ehr.example/fhir/Patient/a.b-C9', 'Patient/a.b-C9'],
  ])('%s is read as %s', (reference, own) => {
    expect(ownReference(reference, base)).toBe(own);
    expect(ownReference(reference, `${base}/`)).toBe(own);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://169.254.169.254/fhir/Patient/1',
    'http://2852039166/fhir/Patient/1',
    'http://0xA9FEA9FE/fhir/Patient/1',
    'http://[::ffff:169.254.169.254]/fhir/Patient/1',
    'http://[::1]:8080/fhir/Patient/1',
    'http://localhost/fhir/Patient/1',
    'https://else.example/fhir/Patient/1',
    'https://ehr.example:8443/fhir/Patient/1',
    'http://ehr.example/fhir/Patient/1',
    'https://ehr.example/fhir@else.example/Patient/1',
    'https://ehr.example@else.example/fhir/Patient/1',
    'https://ehr.example.else.example/fhir/Patient/1',
    'https://EHR.example/fhir/Patient/1',
    'https://ehr.example/other/Patient/1',
    'https://ehr.example/fhir/../admin/Patient/1',
    'https://ehr.example/fhirx/Patient/1',
    '//else.example/fhir/Patient/1',
    'Patient/..',
    'Patient/.',
    'Patient/../admin',
    'Patient/1?_format=xml',
    'Patient/1/$everything',
    'Patient/%2e%2e',
    'Patient/1#x',
    'Patient/1\u0000',
    'Patient/1 ',
    '/Patient/1',
    '#contained',
    'urn:uuid:0d1f0b0e-7d4b-4a8e-8f0e-2a3f1c9b0e11',
    'urn:oid:1.2.3',
    'file:///etc/passwd',
    'Patient',
    'Patient/',
    `Patient/${'9'.repeat(65)}`,
    'patient/1',
    '',
  ])('%s is not', (reference) => {
    expect(ownReference(reference, base)).toBeNull();
  });
});

describe('the callback address', () => {
  it('the secret goes over TLS, or within this machine', () => {
    const settings = (callbackUrl: string): boolean => fhirSubscriptions.safeParse({ kind: 'topic', callbackUrl, rows: [] }).success;
    expect(['https://radloop.example/api/fhir', 'http://127.0.0.1:7071/api/fhir'].map(settings)).toEqual([true, true]);
    expect(['http://radloop.example/api/fhir', 'ftp://radloop.example', 'http://127.0.0.1.else.example/'].map(settings)).toEqual([
      false,
      false,
      false,
    ]);
  });
});
