import type { KeptRule, RuleFigures, RuleSummary, Severity } from '@custodia/contracts'
import { severityOrder } from '../ui/severity.js'

/** A rule in force with all that its line in the list says, `title` in the reader's language. */
export interface RuleRow {
  rule: RuleSummary
  title: string
  /** its page's name in the address */
  file: string
  kept: KeptRule | undefined
  figures: RuleFigures | undefined
}

export const modes = ['live', 'shadow', 'off'] as const
/** What a rule asks for; one that freezes may hold as well. */
export const deeds = ['freeze', 'hold', 'alert'] as const
export const columns = ['severity', 'title', 'mode', 'rate', 'precision', 'changed'] as const
export type Column = (typeof columns)[number]

/** What the list shows, and in which order; it lives in the address, so that it can be shared and come back to. */
export interface RuleFilter {
  q?: string | undefined
  mode?: (typeof modes)[number] | undefined
  severity?: Severity | undefined
  does?: (typeof deeds)[number] | undefined
  /** a column, with `-` before it from its most to its least */
  sort?: string | undefined
}

export interface Sort {
  column: Column
  descending: boolean
}
/** The gravest first, until somebody chooses. */
const gravest: Sort = { column: 'severity', descending: true }
const textOf = ({ column, descending }: Sort): string => `${descending ? '-' : ''}${column}`
export const sortOf = ({ sort = '' }: RuleFilter): Sort => {
  const column = columns.find((each) => each === sort.replace(/^-/, ''))
  return column ? { column, descending: sort.startsWith('-') } : gravest
}

/** A column chosen anew begins with what is mostly looked for; chosen again it turns round. */
export const sortedBy = (filter: RuleFilter, column: Column): RuleFilter => {
  const now = sortOf(filter)
  const next = textOf({ column, descending: now.column === column ? !now.descending : column !== 'title' })
  return { ...filter, sort: next === textOf(gravest) ? undefined : next }
}

/** Only what the list knows; anything else in an address is left out. */
export const filterOf = (query: Record<string, unknown>): RuleFilter => {
  const q = typeof query['q'] === 'string' ? query['q'].trim() : ''
  const known = <T extends string>(name: string, all: readonly T[]) => all.find((each) => each === query[name])
  const filter: RuleFilter = {
    q: q || undefined,
    mode: known('mode', modes),
    severity: known('severity', severityOrder),
    does: known('does', deeds),
    sort: known(
      'sort',
      columns.flatMap((column) => [column, `-${column}`]),
    ),
  }
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}

/** All rules again, in the order that was chosen. */
export const withoutFilters = ({ sort }: RuleFilter): RuleFilter => ({ sort })
export const isFiltered = ({ sort: _sort, ...filters }: RuleFilter): boolean =>
  Object.values(filters).some((value) => value !== undefined)

export const firedOf = (figures: RuleFigures | undefined): number =>
  figures?.alerts.reduce((total, n) => total + n, 0) ?? 0

/** How many alerts were judged, and which part of them was right; nothing where none was. */
export const precisionOf = (figures: RuleFigures | undefined): { n: number; share: number } | undefined => {
  const { true: right = 0, benign = 0, false: wrong = 0 } = figures ?? {}
  const n = right + benign + wrong
  return n ? { n, share: right / n } : undefined
}

const does = ({ respond, hold }: RuleSummary, deed: (typeof deeds)[number]): boolean => {
  if (deed === 'freeze') return respond.includes('freeze')
  if (deed === 'hold') return hold
  return !hold && respond.every((each) => each === 'alert' || each === 'notify')
}

/** Every word stands somewhere in the title, as it is read or as it was written, or in one of the names. */
const isFound = ({ rule, title, file }: RuleRow, q: string): boolean => {
  const text = [title, rule.title, rule.name, file].join('\n').toLowerCase()
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** What a column is ordered by; undefined where there is nothing to order. */
const rankOf: Record<Exclude<Column, 'title'>, (row: RuleRow) => number | undefined> = {
  severity: ({ rule }) => -severityOrder.indexOf(rule.severity),
  mode: ({ rule }) => -modes.indexOf(rule.mode),
  rate: ({ figures }) => firedOf(figures),
  precision: ({ figures }) => precisionOf(figures)?.share,
  changed: ({ kept }) => (kept?.changed_at ? Date.parse(kept.changed_at) : undefined),
}

/** What is asked for, in the order asked for; what has nothing to be ordered by comes last either way. */
export const arranged = (rows: readonly RuleRow[], filter: RuleFilter, locale: string): RuleRow[] => {
  const { column, descending } = sortOf(filter)
  const way = descending ? -1 : 1
  const byChoice = (a: RuleRow, b: RuleRow): number => {
    if (column === 'title') return way * a.title.localeCompare(b.title, locale)
    const [left, right] = [rankOf[column](a), rankOf[column](b)]
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined)
    return way * (left - right)
  }
  const bySeverity = (a: RuleRow, b: RuleRow) =>
    severityOrder.indexOf(a.rule.severity) - severityOrder.indexOf(b.rule.severity)
  const byName = (a: RuleRow, b: RuleRow) => a.rule.name.localeCompare(b.rule.name, 'en')
  return rows
    .filter(
      (row) =>
        (!filter.mode || row.rule.mode === filter.mode) &&
        (!filter.severity || row.rule.severity === filter.severity) &&
        (!filter.does || does(row.rule, filter.does)) &&
        (!filter.q || isFound(row, filter.q)),
    )
    .sort((a, b) => byChoice(a, b) || bySeverity(a, b) || byName(a, b))
}
