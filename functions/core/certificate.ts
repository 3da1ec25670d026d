/**
 * The names that a certificate stands for: subject alternative names of kind DNS and URI, else its one common name. Node writes them as `DNS:a, URI:b`; a value
 * with a comma or a quote in it stands as a JSON string, so that no name can hold another.
 * @param commonNames CN of the subject; of more than one it is not known which the CA meant.
 */
export function namesInCertificate(subjectAltName: string | undefined, commonNames: readonly string[]): readonly string[] {
  const found = [...(subjectAltName ?? '').matchAll(/([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gu)];
  const names = found.flatMap(([, kind, value = '']) => {
    if (kind !== 'DNS' && kind !== 'URI') return [];
    const name: unknown = value.startsWith('"') ? JSON.parse(value) : value;
    return typeof name === 'string' ? [name] : [];
  });
  if (names.length > 0) return names;
  return commonNames.length === 1 ? commonNames : [];
}
