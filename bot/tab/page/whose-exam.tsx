import { Field } from '@fluentui/react-field';
import { Input } from '@fluentui/react-input';
import type { ReactNode } from 'react';
import type { TypedExam } from '#ports/desk.js';
import { usePage } from './page.ts';

/** What a person types of an exam, each as it stands in its field. */
export type Typed = Readonly<Record<keyof TypedExam, string>>;

export const nothingTyped: Typed = { recordNumber: '', family: '', given: '', birthDate: '', exam: '' };

/** As the door takes them (bot/tab/asks.ts). */
const longest: Readonly<Record<keyof TypedExam, number>> = { recordNumber: 64, family: 100, given: 100, birthDate: 10, exam: 200 };
const needed: readonly (keyof TypedExam)[] = ['recordNumber', 'family', 'exam'];

/** Null: two identifiers and the exam are not there. */
export function typedExam(typed: Typed): TypedExam | null {
  if (needed.some((one) => typed[one].trim() === '')) return null;
  return { ...typed, birthDate: typed.birthDate === '' ? null : typed.birthDate };
}

/** Of an exam that no system here knows: two identifiers and what was done. */
export function WhoseExam({
  typed,
  tried,
  onTyped,
}: {
  readonly typed: Typed;
  /** Somebody has pressed: what is missing is said. */
  readonly tried: boolean;
  readonly onTyped: (typed: Typed) => void;
}): ReactNode {
  const { words } = usePage();
  const { whose } = words.declare;
  return (
    <>
      <h3>{whose.title}</h3>
      <p>{whose.line}</p>
      {(['recordNumber', 'family', 'given', 'birthDate', 'exam'] as const).map((one) => {
        const isNeeded = needed.includes(one);
        const isMissing = tried && isNeeded && typed[one].trim() === '';
        return (
          <Field
            key={one}
            label={whose.fields[one]}
            required={isNeeded}
            {...(isMissing ? { validationMessage: whose.needed, validationState: 'error' as const } : {})}
          >
            <Input
              type={one === 'birthDate' ? 'date' : 'text'}
              value={typed[one]}
              maxLength={longest[one]}
              autoComplete="off"
              onChange={(_event, { value }) => {
                onTyped({ ...typed, [one]: value });
              }}
            />
          </Field>
        );
      })}
    </>
  );
}
