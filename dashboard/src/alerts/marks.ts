import type { EventRow } from '@custodia/contracts'

type Marked = Pick<EventRow, 'off_hours' | 'moved' | 'run' | 'idle_days' | 'canary' | 'relation'>

/** From so many on, customers opened one after the other are worth a word: the next few of a list are everybody's work. */
export const longRun = 5
/** An account that rested for so long is worth one, too. */
export const longIdleDays = 30

const relations = ['self', 'colleague', 'same_address', 'same_phone', 'same_surname'] as const
type Kind = 'canary' | 'network' | 'device' | 'off_hours' | 'run' | 'idle' | 'relation' | (typeof relations)[number]
const isRelation = (word: string): word is (typeof relations)[number] => relations.some((one) => one === word)
export interface Mark {
  kind: Kind
  /** what its words name */
  values: Record<string, string | number>
}
const mark = (kind: Kind, values: Mark['values'] = {}): Mark => ({ kind, values })

/** What is remarkable about an event beyond who, what and where; in the order it is read. */
export const marksOf = ({ off_hours, moved = [], run = 0, idle_days = 0, canary, relation }: Marked): Mark[] => [
  ...(canary ? [mark('canary')] : []),
  ...moved.map((what) => mark(what)),
  ...(off_hours ? [mark('off_hours')] : []),
  ...(run >= longRun ? [mark('run', { n: run })] : []),
  ...(idle_days >= longIdleDays ? [mark('idle', { n: idle_days })] : []),
  // the gateway's words; a system from outside may have others
  ...(relation?.split('+').map((word) => (isRelation(word) ? mark(word) : mark('relation', { relation: word }))) ?? []),
]
export const isMarked = (event: Marked): boolean => marksOf(event).length > 0
