import { type CorrelationParts, parseCorrelation } from './correlation.js'
import { parseCustodiaKeys, parseExceptions } from './custodia-keys.js'
import type { Entry, RuleBook } from './entry.js'
import type { CorrelationRule, Rule } from './rule.js'
import { anyField, isOwn, type NeedField } from './known-fields.js'
import type { RuleDocument } from './nodes.js'
import { RuleError } from './rule-error.js'
import { versionOf } from './version.js'

/** Builds correlation rules with the rules they count, however they are chained. Throws where that cannot be. */
export const correlationLinker = (
  book: RuleBook<Entry>,
  detections: ReadonlyMap<Entry, Rule>,
  needOwnField: NeedField,
) => {
  const built = new Map<Entry, CorrelationRule | RuleError>()
  const open: Entry[] = []
  /** those that count events of our own alone */
  const own = new Set<Rule>()

  const build = (entry: Entry, alerts: (entry: Entry) => boolean): CorrelationRule => {
    const { document } = entry
    const parts = parseCorrelation(document)
    const bases = parts.rules.map((reference, index) => {
      const line = document.line(['correlation', 'rules', index])
      const base = book.find(reference)
      if (!base || base.kind === 'filter') throw new RuleError(`no rule is called \`${reference}\``, line)
      if (base === entry || open.includes(base))
        throw new RuleError(`goes round in circles: ${[...open, base].map(({ name }) => name).join(' → ')}`, line)
      const rule = base.kind === 'detection' ? detections.get(base) : linked(base, alerts)
      if (!rule) throw new RuleError(`the rule \`${reference}\` was not loaded`, line)
      return rule
    })
    const names = bases.map((base) => base.name)
    if (new Set(names).size < names.length)
      throw new RuleError('names the same rule twice', document.line(['correlation', 'rules']))
    const needField = bases.every((base) => own.has(base) || isOwn(base.logsource)) ? needOwnField : anyField
    needFields(document, parts, bases, needField)
    const custodia = parseCustodiaKeys(document, parts)
    if (custodia.hold && 'actor' in parts.aliases)
      throw new RuleError(
        '`hold` needs `actor` itself, not an alias',
        document.line(['correlation', 'aliases', 'actor']),
      )
    const chained = bases.find((base) => base.kind === 'correlation' && base.outside)
    if (chained)
      throw new RuleError(
        `\`${chained.name}\` has exceptions of its own: write them here, or into the rules that it counts`,
        document.line(['correlation', 'rules']),
      )
    const outside = parseExceptions(document, needField)
    const rule: CorrelationRule = {
      kind: 'correlation',
      file: document.file,
      name: entry.name,
      ...(entry.head.id && { id: entry.head.id }),
      title: entry.head.title,
      version: versionOf([document.content, ...bases.map((base) => base.version)]),
      level: entry.head.level ?? 'medium',
      logsource: {},
      custodia,
      ...parts,
      rules: names,
      aliases: resolveAliases(entry, parts, names, book),
      ...(outside && { outside }),
      alerts: alerts(entry),
    }
    if (needField === needOwnField) own.add(rule)
    return rule
  }

  const linked = (entry: Entry, alerts: (entry: Entry) => boolean): CorrelationRule | undefined => {
    const before = built.get(entry)
    if (before) return before instanceof RuleError ? undefined : before
    open.push(entry)
    try {
      const rule = build(entry, alerts)
      built.set(entry, rule)
      return rule
    } catch (error) {
      if (error instanceof RuleError) built.set(entry, error)
      else throw error
    } finally {
      open.pop()
    }
  }

  /** The rule, or why there is none. */
  return (entry: Entry, alerts: (entry: Entry) => boolean): CorrelationRule => {
    linked(entry, alerts)
    const result = built.get(entry)!
    if (result instanceof RuleError) throw result
    return result
  }
}

/** What it groups by and counts are fields of the events, aliases, or what a correlation that it counts has for its group. */
const needFields = (document: RuleDocument, parts: CorrelationParts, bases: readonly Rule[], needField: NeedField) => {
  const groups = bases.flatMap((base) => (base.kind === 'correlation' ? base.groupBy : []))
  const need = (name: string, ...path: PropertyKey[]) => {
    if (!groups.includes(name)) needField(name, document.line(['correlation', ...path]))
  }
  const needEach = (names: readonly string[], ...path: PropertyKey[]) =>
    names.forEach((name, index) => Object.hasOwn(parts.aliases, name) || need(name, ...path, index))
  needEach(parts.groupBy, 'group-by')
  needEach(parts.field, 'condition', 'field')
  for (const [alias, fields] of Object.entries(parts.aliases))
    for (const [rule, field] of Object.entries(fields)) need(field, 'aliases', alias, rule)
}

/** Aliases by the names of the rules, whichever way the author referred to them. */
const resolveAliases = (entry: Entry, parts: CorrelationParts, names: string[], book: RuleBook<Entry>) => {
  const { document } = entry
  return Object.fromEntries(
    Object.entries(parts.aliases).map(([alias, fields]) => {
      const byName = Object.entries(fields).map(([reference, field]) => {
        const name = book.find(reference)?.name
        if (name === undefined || !names.includes(name))
          throw new RuleError(
            `alias \`${alias}\`: \`${reference}\` is not one of the rules counted`,
            document.line(['correlation', 'aliases', alias, reference]),
          )
        return [name, field] as const
      })
      return [alias, Object.fromEntries(byName)]
    }),
  )
}
