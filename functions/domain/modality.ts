import { z } from 'zod/v4';

/** COMMANDS.md: PET/CT is NM with contrast radiotracer. DICOM (0008,0060) has more; these are the ones that are protocolled. */
export const modality = z.enum(['CT', 'MR', 'US', 'XR', 'MG', 'NM', 'FL']);
export type Modality = z.infer<typeof modality>;

export const region = z.enum([
  'head', 'orbits', 'face', 'sinuses', 'temporal-bones', 'neck', 'head-neck', 'neck-chest', 'chest', 'heart', 'breast', 'abdomen', 'pelvis',
  'abdomen-pelvis', 'chest-abdomen-pelvis', 'scrotum', 'cervical-spine', 'thoracic-spine', 'lumbar-spine', 'total-spine', 'shoulder', 'elbow',
  'wrist', 'hand', 'hip', 'knee', 'ankle', 'foot', 'upper-extremity', 'lower-extremity', 'whole-body',
]); // prettier-ignore
export type Region = z.infer<typeof region>;

export const contrast = z.enum([
  'none', 'iv', 'gad', 'arterial', 'multiphase', 'radiotracer', 'oral+iv', 'oral', 'intra-articular', 'intrathecal', 'intravesical', 'rectal+iv',
]); // prettier-ignore
export type Contrast = z.infer<typeof contrast>;

/** How soon an order is wanted. STAT: life or limb; URGENT: same visit. */
export const priority = z.enum(['STAT', 'URGENT', 'ROUTINE']);
export type Priority = z.infer<typeof priority>;
