import { type CorrelationParts, parseCorrelation, referencesOf } from './correlation.js'
import { parseCustodiaKeys, parseExceptions } from './custodia-keys.js'
import type { Entry, RuleBook } from './entry.js'
import { linesOf } from './head.js'
import type { CorrelationRule, Rule } from './rule.js'
import type { NeedField } from './known-events.js'
import { type CompileContext, usedIn } from './modifiers/modifier.js'
import type { RuleDocument } from './nodes.js'
import { RuleError, together } from './rule-error.js'
import type { Said } from './said.js'
import { versionOf } from './version.js'

/** How many rules one may count, those that they count included, as often as each is counted. */
const MOST = 10_000
/** How deep correlations may count each other. */
const DEEPEST = 32

/** Builds correlation rules with the rules they count, however they are chained. Throws where that cannot be. */
export const correlationLinker = (
  book: RuleBook<Entry>,
  detections: ReadonlyMap<Entry, Rule>,
  newContext: (document: RuleDocument) => CompileContext,
) => {
  const built = new Map<Entry, CorrelationRule | RuleError>()
  const open: Entry[] = []
  const sizes = new Map<Rule, number>()
  const sizeOf = (rule: Rule): number => sizes.get(rule) ?? 1

  const depthOf = depthIn(book)

  const build = (entry: Entry, alerts: (entry: Entry) => boolean): CorrelationRule => {
    const { document } = entry
    const context = newContext(document)
    const [parts, outside] = together(
      () => parseCorrelation(document),
      () => parseExceptions(document, context),
    )
    if (depthOf(entry) > DEEPEST)
      throw new RuleError(
        {
          en: `counts correlations that count each other more than ${DEEPEST} deep`,
          zh: `关联规则层层统计，超过 ${DEEPEST} 层`,
        },
        document.line(['correlation', 'rules']),
      )
    const bases = parts.rules.map((reference, index) => {
      const line = document.line(['correlation', 'rules', index])
      const base = book.find(reference)
      if (!base) throw book.missing(reference, line)
      if (base.kind === 'filter')
        throw new RuleError(
          {
            en: `\`${reference}\` is a filter: count the rules it lists`,
            zh: `\`${reference}\` 是过滤器：请统计它所列的规则`,
          },
          line,
        )
      if (base === entry || open.includes(base)) throw new RuleError(inCircles([...open, base]), line)
      const rule = base.kind === 'detection' ? detections.get(base) : linked(base, alerts)
      if (!rule)
        throw new RuleError(
          { en: `the rule \`${reference}\` was not loaded`, zh: `规则 \`${reference}\` 未能载入` },
          line,
        )
      return rule
    })
    const names = bases.map((base) => base.name)
    if (new Set(names).size < names.length)
      throw new RuleError(
        { en: 'names the same rule twice', zh: '同一规则出现两次' },
        document.line(['correlation', 'rules']),
      )
    const size = bases.reduce((sum, base) => sum + sizeOf(base), 1)
    if (size > MOST)
      throw new RuleError(
        {
          en: `counts more than ${MOST.toLocaleString('en')} rules, those that they count included`,
          zh: `统计的规则连同它们所统计的规则超过 ${MOST.toLocaleString('en')} 条`,
        },
        document.line(['correlation', 'rules']),
      )
    needFields(document, parts, bases, context.needField)
    const custodia = parseCustodiaKeys(document, parts)
    if (custodia.hold && 'actor' in parts.aliases)
      throw new RuleError(
        { en: '`hold` needs `actor` itself, not an alias', zh: '`hold` 需要 `actor` 本身，而非别名' },
        document.line(['correlation', 'aliases', 'actor']),
      )
    const chained = bases.find((base) => base.kind === 'correlation' && base.outside)
    if (chained)
      throw new RuleError(
        {
          en: `\`${chained.name}\` has exceptions of its own: write them here, or into the rules that it counts`,
          zh: `\`${chained.name}\` 自带例外：请写在这里，或写进它所统计的规则`,
        },
        document.line(['correlation', 'rules']),
      )
    const used = usedIn(context)
    const rule: CorrelationRule = {
      kind: 'correlation',
      file: document.file,
      lines: linesOf(document),
      name: entry.name,
      ...(entry.head.id && { id: entry.head.id }),
      title: entry.head.title,
      version: versionOf([document.content, ...(used.length ? [used] : []), ...bases.map((base) => base.version)]),
      level: entry.head.level ?? 'medium',
      logsource: {},
      custodia,
      ...parts,
      rules: names,
      aliases: resolveAliases(entry, parts, names, book),
      ...(outside && { outside }),
      alerts: alerts(entry),
    }
    sizes.set(rule, size)
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

/** How deep what a correlation counts is chained, itself included. Without recursion: it is what bounds all that follows. */
const depthIn = (book: RuleBook<Entry>) => {
  const depths = new Map<Entry, number>()
  const entered = new Set<Entry>()
  return (first: Entry): number => {
    const waiting = [first]
    for (let entry = waiting.at(-1); entry; entry = waiting.at(-1)) {
      const bases = referencesOf(entry.document).rules.flatMap((name) => book.find(name) ?? [])
      const chained = bases.filter(({ kind }) => kind === 'correlation')
      if (entered.has(entry)) {
        // what is entered and has no depth yet goes round in circles, which is told where it is built
        const below = chained.reduce((most, base) => Math.max(most, depths.get(base) ?? 0), 0)
        if (!depths.has(entry)) depths.set(entry, below + 1)
        waiting.pop()
      } else {
        entered.add(entry)
        waiting.push(...chained.filter((base) => !entered.has(base)))
      }
    }
    return depths.get(first)!
  }
}

const inCircles = (entries: readonly Entry[]): Said => {
  const way = entries.map(({ name }) => name).join(' → ')
  return { en: `goes round in circles: ${way}`, zh: `循环引用：${way}` }
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
  return lookup(
    Object.entries(parts.aliases).map(([alias, fields]) => {
      const byName = Object.entries(fields).map(([reference, field]) => {
        const name = book.find(reference)?.name
        if (name === undefined || !names.includes(name))
          throw new RuleError(
            {
              en: `alias \`${alias}\`: \`${reference}\` is not one of the rules counted`,
              zh: `别名 \`${alias}\`：\`${reference}\` 不在所统计的规则之中`,
            },
            document.line(['correlation', 'aliases', alias, reference]),
          )
        return [name, field] as const
      })
      return [alias, lookup(byName)] as const
    }),
  )
}

/** By names of fields and rules, `constructor` and `__proto__` among them: nothing is found that nobody has written. */
const lookup = <T>(entries: readonly (readonly [string, T])[]): Record<string, T> =>
  Object.setPrototypeOf(Object.fromEntries(entries), null) as Record<string, T>
