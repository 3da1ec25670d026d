import { z } from 'zod/v4';

/** Tags by name as Orthanc writes them: UTF-8 whatever the character set of the object, padding taken off; what is not text is left out. */
export const tags = z.record(z.string(), z.unknown()).transform((all) => {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) if (typeof value === 'string') texts[name] = value.trim();
  return texts;
});

/** `GET /studies/ID` */
export const studyAnswer = z.object({ ID: z.string(), MainDicomTags: tags, PatientMainDicomTags: tags });
/** `GET /studies/ID/series` */
export const seriesAnswer = z.array(z.object({ ID: z.string(), LastUpdate: z.string(), Instances: z.array(z.string()), MainDicomTags: tags }));

/** What the PACS said of one study that has images of others; our own series are not in it. */
export interface StudySaid {
  readonly study: z.infer<typeof studyAnswer>;
  readonly series: z.infer<typeof seriesAnswer>;
  /** Of one object: (0010,0021) and (0008,0201), which Orthanc does not keep with the study. */
  readonly object: { readonly IssuerOfPatientID: string; readonly TimezoneOffsetFromUTC: string };
}
