import type { RuleFile, RuleProblem } from '@custodia/contracts'
import { referencesOf } from './correlation.js'
import { parseCustodiaKeys, parseExceptions } from './custodia-keys.js'
import { parseDetection } from './detection.js'
import { type Entry, namesOf, readEntry, RuleBook } from './entry.js'
import { every, matcherOf } from './expression.js'
import { type Filter, parseFilter, whyNotFiltered } from './filter.js'
import { type Logsource, parseLogsource } from './head.js'
import { anyField, isOwn, needFieldOf } from './known-fields.js'
import { correlationLinker } from './link-correlations.js'
import type { CompileContext } from './modifiers/modifier.js'
import { readDocuments, type RuleDocument } from './nodes.js'
import { notesOn } from './notes.js'
import type { DetectionRule, Rule } from './rule.js'
import { RuleError } from './rule-error.js'
import { versionOf } from './version.js'

export interface LoadOptions {
  /** what `%name%` stands for in values with `expand` */
  placeholders?: Readonly<Record<string, readonly string[]>>
  /** Sigma alone: what stands below `custodia:` is passed over, as other tools do */
  plain?: boolean
  /** what events of `product: custodia` have: a rule over them that names another field is refused. Absent: any */
  fields?: readonly string[]
}

export interface LoadedRules {
  rules: Rule[]
  /** what cannot be used, and why */
  problems: RuleProblem[]
  /** what can, and probably is not meant */
  notes: RuleProblem[]
}

/** Reads every rule file. What cannot be used becomes a problem with its place; everything else works. */
export const loadRules = (files: readonly RuleFile[], options: LoadOptions = {}): LoadedRules => {
  const problems: RuleProblem[] = []
  const notes: RuleProblem[] = []
  const attempt = <T>(file: string, work: () => T): T | undefined => {
    try {
      return work()
    } catch (error) {
      const { reason, line } = error instanceof RuleError ? error : new RuleError(`cannot be read: ${String(error)}`)
      problems.push({ file, ...(line !== undefined && { line }), reason })
    }
  }
  const each = <T, R>(list: readonly T[], fileOf: (item: T) => string, work: (item: T) => R): R[] =>
    list.flatMap((item) => attempt(fileOf(item), () => work(item)) ?? [])
  const needOwnField = needFieldOf(options.fields)
  const newContext = (logsource: Logsource): CompileContext => ({
    placeholders: options.placeholders ?? {},
    usedPlaceholders: new Set(),
    needField: isOwn(logsource) ? needOwnField : anyField,
  })

  const documents = each(
    files,
    ({ file }) => file,
    ({ file, yaml }) => readDocuments(file, yaml),
  )
    .flat()
    .map((document) => (options.plain ? withoutOwnKeys(document) : document))
  const book = new RuleBook<Entry>()
  const entries = each(
    documents,
    ({ file }) => file,
    (document) => {
      const entry = readEntry(document)
      book.add(entry)
      return entry
    },
  )
  const of = (kind: Entry['kind']) => entries.filter((entry) => entry.kind === kind)
  const fileOf = ({ document }: Entry) => document.file
  const alerts = alertsAlone(documents)

  const sources = new Map<Entry, Logsource>()
  for (const entry of of('detection')) attempt(fileOf(entry), () => sources.set(entry, parseLogsource(entry.document)))
  const filters = each(of('filter'), fileOf, (entry) => {
    const logsource = parseLogsource(entry.document)
    const context = newContext(logsource)
    return { filter: parseFilter(entry, logsource, context), used: usedPlaceholders(context) }
  })
  const targets = filters.map(({ filter, used }) => {
    const chosen = filter.rules
      ? each(
          [...filter.rules.entries()],
          () => fileOf(filter.entry),
          (name) => targetOf(filter, name, book, sources),
        )
      : [...sources]
          .filter(([, logsource]) => !whyNotFiltered(filter, { kind: 'detection', logsource }))
          .map(([entry]) => entry)
    return { filter, used, chosen: new Set(chosen) }
  })

  const detections = new Map<Entry, Rule>()
  for (const [entry, logsource] of sources)
    attempt(fileOf(entry), () => {
      const context = newContext(logsource)
      const own = parseDetection(entry.document, 'detection', context)
      const applied = targets.filter(({ chosen }) => chosen.has(entry))
      const made = [
        entry.document.content,
        usedPlaceholders(context),
        ...applied.map(({ filter, used }) => [filter.entry.document.content, used]),
      ]
      const outside = parseExceptions(entry.document, context.needField)
      const filtered = applied.map(({ filter }) => filter.expression)
      const expression = every([own, ...filtered, ...(outside ? [outside] : [])])
      const rule: DetectionRule = {
        kind: 'detection',
        file: entry.document.file,
        name: entry.name,
        ...(entry.head.id && { id: entry.head.id }),
        title: entry.head.title,
        version: versionOf(made),
        level: entry.head.level ?? 'medium',
        logsource,
        custodia: parseCustodiaKeys(entry.document),
        expression,
        matches: matcherOf(expression),
        alerts: alerts(entry),
      }
      detections.set(entry, rule)
    })

  const link = correlationLinker(book, detections, needOwnField)
  const rules = entries.flatMap((entry): Rule[] => {
    if (entry.kind === 'correlation')
      return each([entry], fileOf, () => {
        const rule = link(entry, alerts)
        notes.push(...notesOn(entry.document, rule))
        return rule
      })
    const rule = detections.get(entry)
    return rule ? [rule] : []
  })
  return { rules, problems, notes }
}

const withoutOwnKeys = (document: RuleDocument): RuleDocument => ({
  ...document,
  content: Object.fromEntries(Object.entries(document.content).filter(([key]) => key !== 'custodia')),
})

const usedPlaceholders = ({ placeholders, usedPlaceholders }: CompileContext) =>
  [...usedPlaceholders].sort().map((name) => [name, placeholders[name]])

const targetOf = (
  { entry, ...filter }: Filter,
  [index, reference]: [number, string],
  book: RuleBook<Entry>,
  sources: ReadonlyMap<Entry, Logsource>,
): Entry => {
  const line = entry.document.line(['filter', 'rules', index])
  const target = book.find(reference)
  if (!target) throw new RuleError(`no rule is called \`${reference}\``, line)
  const logsource = sources.get(target)
  const why = whyNotFiltered({ entry, ...filter }, { kind: target.kind, ...(logsource && { logsource }) })
  if (why) throw new RuleError(`\`${reference}\` ${why}`, line)
  return target
}

/**
 * Whether a rule alerts by itself. One that a correlation counts does not, unless the correlation says `generate: true`; a
 * correlation that is broken counts here too, or its base rule would alert on everything it was only meant to count.
 */
const alertsAlone = (documents: readonly RuleDocument[]) => {
  const references = documents.map(referencesOf)
  const namesIn = (chosen: typeof references) =>
    new Set(chosen.flatMap(({ rules }) => rules).map((name) => name.toLowerCase()))
  const counted = namesIn(references)
  const generated = namesIn(references.filter(({ generate }) => generate))
  return ({ name, document }: Entry): boolean => {
    const names = [name, ...namesOf(document)].map((one) => one.toLowerCase())
    return !names.some((one) => counted.has(one)) || names.some((one) => generated.has(one))
  }
}
