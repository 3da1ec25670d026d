import { adaptiveCard, paragraph, run, textBlock } from '#cards/kit/card.js';
import type { ActionData, ColumnSet, Execute } from '#cards/kit/card.js';
import { formatDate, formatDayTime } from '#cards/kit/text.js';
import type { Declaration, NamedExam, NamedExams } from '#ports/desk.js';
import type { RenderedCard } from '#ports/people.js';
import type { Talk } from '../words.ts';

type Found = Extract<NamedExams, { ok: true }>;
type Finding = Pick<Declaration, 'finding' | 'category'>;

interface Shown {
  readonly talk: Talk;
  readonly language: 'en' | 'es';
  readonly zone: string;
}

/**
 * Of which exam a critical result is: two identifiers, the exam and since when it is known, and beside them the button that writes it, so that nobody presses another's.
 * For the private chat alone; what it says aloud names nobody.
 */
export function examCard({ exams, more, complete }: Found, finding: Finding, { talk, language, zone }: Shown): RenderedCard {
  const { title, others, notAll } = talk.critical.exams;
  return adaptiveCard(title, [
    textBlock(title, { style: 'heading', weight: 'bolder' }),
    paragraph([run(`«${finding.finding}»`, { isSubtle: true })]),
    ...exams.map((exam) => one(exam, finding, { talk, language, zone })),
    ...(more > 0 ? [textBlock(others(more), { weight: 'bolder' })] : []),
    ...(complete ? [] : [textBlock(notAll)]),
  ]);
}

function one(exam: NamedExam, finding: Finding, { talk, language, zone }: Shown): ColumnSet {
  const middle = { type: 'Column', verticalContentAlignment: 'center' } as const;
  const born = exam.birthDate === null ? null : formatDate(exam.birthDate, language);
  const who = [exam.name, born, exam.number].filter((part) => part !== null && part !== '').join(' · ');
  const since = talk.critical.exams.since(formatDayTime(exam.since, zone, language));
  return {
    type: 'ColumnSet',
    spacing: 'small',
    columns: [
      {
        ...{ ...middle, width: 'stretch', style: 'emphasis' },
        items: [
          paragraph([run(who, { weight: 'bolder' }, 200)], 'none'),
          paragraph([run(`${exam.exam} · ${exam.caseNumber} · ${since}`, { isSubtle: true }, 200)], 'none'),
        ],
      },
      { ...middle, width: 'auto', items: [{ type: 'ActionSet', actions: [button(exam, finding, talk.critical.exams.button)] }] },
    ],
  };
}

function button({ caseNumber, revision }: NamedExam, { finding, category }: Finding, title: string): Execute {
  const verb = 'declare-critical';
  const data: ActionData = { verb, caseNumber, revision, found: finding, ...(category === null ? {} : { category }) };
  return { type: 'Action.Execute', title, verb, data, fallback: { type: 'Action.Submit', title, data } };
}
