import { z } from 'zod/v4';
import type { Envelope } from '../inbound/envelope.ts';

const mention = z.looseObject({ type: z.literal('mention'), text: z.string().min(1), mentioned: z.looseObject({ id: z.string() }) });
const named: Readonly<Record<string, string>> = { nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'" };
/** Zero-width and direction marks: they make two texts look alike. */
const invisible = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF]/gu;

/** What the person wrote: our own mention taken out, another's kept as a name, entities resolved, invisible marks dropped. */
export function plainText(activity: Envelope): string {
  const ours = (activity.entities ?? [])
    .map((entity) => mention.safeParse(entity))
    .filter((read) => read.success && read.data.mentioned.id === activity.recipient?.id)
    .map((read) => read.data?.text ?? '');
  return ours
    .reduce((text, said) => text.replaceAll(said, ' '), activity.text ?? '')
    .replace(/<\/?at(?:\s[^<>]*)?>/giu, '')
    .replace(/<br\s*\/?>/giu, '\n')
    .replace(/&(nbsp|amp|lt|gt|quot|apos|#39);/giu, (whole, name: string) => named[name.toLowerCase()] ?? whole)
    .normalize('NFKC')
    .replace(invisible, '')
    .trim();
}
