import { type AccessEvent, type Alert, YEAR_UNKNOWN } from '@custodia/contracts'
import { type RuleTree, readsField } from '../correlate/index.js'

const goesByCalendar = (tree: RuleTree): boolean => readsField(tree, /^(off_hours|workday)$/)

/** A rule about working hours says so where it could only go by weekends: its alert may be about a public holiday. */
export const withCalendar = (
  text: Alert['text'],
  tree: RuleTree,
  { calendar }: Pick<AccessEvent, 'calendar'>,
): Alert['text'] =>
  calendar?.endsWith(YEAR_UNKNOWN) && goesByCalendar(tree)
    ? {
        en: `${text.en} (The public holidays of this year are not known: weekends alone count as days off.)`,
        zh: `${text.zh}（未知今年的法定节假日，仅周末视为休息日。）`,
      }
    : text
