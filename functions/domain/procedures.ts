import { modality as modalitySchema } from './modality.ts';
import type { Modality } from './modality.ts';
import type { Procedure, ProcedureKind } from './order.ts';
import type { ProcedureMap } from './site.ts';

/** What the site's map says of an order's procedures: one that is imaging makes it imaging; all must be known as not imaging to leave it alone. */
export function kindOfProcedures(procedures: readonly Procedure[], map: ProcedureMap): ProcedureKind {
  if (procedures.some((one) => map.imaging.some((row) => row.code === one.code))) return 'imaging';
  const isKnown = procedures.length > 0 && procedures.every((one) => map.notImaging.some((row) => row.code === one.code));
  return isKnown ? 'not-imaging' : 'unknown';
}

/** From the site's map, else the first word that the order itself names a modality by. */
export function modalityOfProcedures(procedures: readonly Procedure[], map: ProcedureMap, words: readonly string[]): Modality | null {
  const mapped = procedures.flatMap((one) => map.imaging.find((row) => row.code === one.code)?.modality ?? [])[0];
  return mapped ?? words.flatMap((word) => namedModality(word.toUpperCase()) ?? [])[0] ?? null;
}

/** Names of DICOM CID 29 and HL7 table 0074 for what is protocolled here. */
const otherNames: Readonly<Record<string, Modality>> = {
  CR: 'XR',
  DX: 'XR',
  RX: 'XR',
  MRI: 'MR',
  NMR: 'MR',
  RUS: 'US',
  NMS: 'NM',
  PT: 'NM',
  RF: 'FL',
};

/** What a word of HL7 or DICOM (upper case) means among what is protocolled; null: nothing. */
export function namedModality(word: string): Modality | null {
  const same = modalitySchema.safeParse(word);
  return same.success ? same.data : (otherNames[word] ?? null);
}
