import type { RuleFile, RuleProblem } from '@custodia/contracts'
import { alertsAlone } from './alerts-alone.js'
import { parseCorrelation } from './correlation.js'
import { parseCustodiaKeys, parseExceptions } from './custodia-keys.js'
import { parseDetection } from './detection.js'
import { type Entry, readEntry, RuleBook } from './entry.js'
import { every, matcherOf } from './expression.js'
import { type Filter, parseFilter, whyNotFiltered } from './filter.js'
import { type Logsource, parseLogsource, linesOf } from './head.js'
import { type KnownEvents, needFieldOf, needSourceOf } from './known-events.js'
import { needValueOf } from './known-values.js'
import { correlationLinker } from './link-correlations.js'
import { type CompileContext, usedIn } from './modifiers/modifier.js'
import { readDocuments, type RuleDocument } from './nodes.js'
import { anchorNotesOn, notesOn } from './notes.js'
import type { DetectionRule, Rule } from './rule.js'
import { isPlaceholderFile, type Placeholders, readPlaceholderFile } from './placeholder-file.js'
import { problemIn, RuleError, together } from './rule-error.js'
import type { Said } from './said.js'
import { versionOf } from './version.js'

export interface LoadOptions {
  /** what `%name%` stands for in values with `expand`; goes before what a file of the rules says */
  placeholders?: Placeholders
  /** Sigma alone: what stands below `custodia:` is passed over, as other tools do */
  plain?: boolean
  /** what the events are: a rule or filter over another log source, or that names another field, or a value that none has, is refused. Absent: anybody's */
  events?: KnownEvents
}

export interface LoadedRules {
  rules: Rule[]
  /** what cannot be used, and why */
  problems: RuleProblem[]
  /** what can, and probably is not meant */
  notes: RuleProblem[]
}

/** Reads every rule file, and the file of placeholders among them. What cannot be used becomes a problem with its place; everything else works. */
export const loadRules = (files: readonly RuleFile[], options: LoadOptions = {}): LoadedRules => {
  const problems: RuleProblem[] = []
  const notes: RuleProblem[] = []
  const attempt = <T>(file: string, work: () => T): T | undefined => {
    try {
      return work()
    } catch (error) {
      const { all } = error instanceof RuleError ? error : new RuleError(unreadable(error))
      for (const { said, line } of all) problems.push(problemIn(file, said, line))
    }
  }
  const each = <T, R>(list: readonly T[], fileOf: (item: T) => string, work: (item: T) => R): R[] =>
    list.flatMap((item) => attempt(fileOf(item), () => work(item)) ?? [])
  const [needSource, needField] = [needSourceOf(options.events), needFieldOf(options.events)]
  const needValue = needValueOf(options.events)
  const placeholders = placeholdersOf(files, attempt, options.placeholders)
  const newContext = ({ file }: RuleDocument): CompileContext => ({
    placeholders,
    usedPlaceholders: new Set(),
    needField,
    needValue,
    note: (said, line) => notes.push(problemIn(file, said, line)),
  })
  const sourceOf = (document: RuleDocument): Logsource => {
    const logsource = parseLogsource(document)
    needSource(logsource, document)
    return logsource
  }

  const check = (document: RuleDocument): void => checkAlone(document, sourceOf, newContext(document))
  const entryOf = (document: RuleDocument): Entry => {
    try {
      return readEntry(document)
    } catch (error) {
      check(document)
      throw error
    }
  }

  const read = each(
    files.filter((file) => !isPlaceholderFile(file)),
    ({ file }) => file,
    ({ file, yaml }) => readFile(file, yaml),
  )
  for (const { file, errors } of read) for (const { said, line } of errors) problems.push(problemIn(file, said, line))
  const written = read.flatMap(({ documents, errors }) =>
    documents.map((document) => ({
      whole: !errors.length,
      document: options.plain ? withoutOwnKeys(document) : document,
    })),
  )
  const documents = written.flatMap(({ whole, document }) => (whole ? [document] : []))
  const book = new RuleBook<Entry>()
  const entries = each(
    documents,
    ({ file }) => file,
    (document) => {
      const entry = entryOf(document)
      book.add(entry)
      notes.push(...anchorNotesOn(document))
      return entry
    },
  )
  const of = (kind: Entry['kind']) => entries.filter((entry) => entry.kind === kind)
  const fileOf = ({ document }: Entry) => document.file
  const alerts = alertsAlone(
    written.map(({ document }) => document),
    book,
  )

  const sources = new Map<Entry, Logsource>()
  for (const entry of of('detection')) attempt(fileOf(entry), () => sources.set(entry, sourceOf(entry.document)))
  const filters = each(of('filter'), fileOf, (entry) => {
    const logsource = sourceOf(entry.document)
    const context = newContext(entry.document)
    return { filter: parseFilter(entry, logsource, context), used: usedIn(context) }
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
      const context = newContext(entry.document)
      const [own, outside, custodia] = together(
        () => parseDetection(entry.document, 'detection', context),
        () => parseExceptions(entry.document, context),
        () => parseCustodiaKeys(entry.document),
      )
      const applied = targets.filter(({ chosen }) => chosen.has(entry))
      const made = [
        entry.document.content,
        usedIn(context),
        ...applied.map(({ filter, used }) => [filter.entry.document.content, used]),
      ]
      const filtered = applied.map(({ filter }) => filter.expression)
      const expression = every([own, ...filtered, ...(outside ? [outside] : [])])
      const rule: DetectionRule = {
        kind: 'detection',
        file: entry.document.file,
        lines: linesOf(entry.document),
        name: entry.name,
        ...(entry.head.id && { id: entry.head.id }),
        title: entry.head.title,
        version: versionOf(made),
        level: entry.head.level ?? 'medium',
        logsource,
        custodia,
        expression,
        matches: matcherOf(expression),
        alerts: alerts(entry),
      }
      detections.set(entry, rule)
    })

  const link = correlationLinker(book, detections, newContext)
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
  for (const { whole, document } of written) if (!whole) attempt(document.file, () => check(document))
  return { rules, problems, notes }
}

/** Half a file could say something else than the whole: with an error in one document of it, none of them is used. */
const readFile = (file: string, yaml: string) => {
  const read = readDocuments(file, yaml)
  if (!read.documents.length && !read.errors.length)
    throw new RuleError({ en: 'there is no rule in this file', zh: '此文件中没有规则' })
  return { file, ...read }
}

/** What is wrong with a document by itself, which is not used: what it names may be in what cannot be read. */
const checkAlone = (
  document: RuleDocument,
  sourceOf: (document: RuleDocument) => Logsource,
  context: CompileContext,
): void => {
  const has = (kind: Entry['kind']): boolean => kind in document.content
  together(
    () => {
      const entry = readEntry(document)
      if (entry.kind === 'filter') parseFilter(entry, sourceOf(document), context)
    },
    () => has('detection') && sourceOf(document),
    () => has('detection') && parseDetection(document, 'detection', context),
    () => has('filter') || parseExceptions(document, context),
    () => has('filter') || parseCustodiaKeys(document, has('correlation') ? parseCorrelation(document) : undefined),
  )
}

const unreadable = (error: unknown): Said => ({
  en: `cannot be read: ${String(error)}`,
  zh: `无法读取：${String(error)}`,
})

const withoutOwnKeys = (document: RuleDocument): RuleDocument => ({
  ...document,
  content: Object.fromEntries(Object.entries(document.content).filter(([key]) => key !== 'custodia')),
})

/** Those of the file, each replaced where one is given; there is one file of them. */
const placeholdersOf = (
  files: readonly RuleFile[],
  attempt: <T>(file: string, work: () => T) => T | undefined,
  given: Placeholders = {},
): Placeholders => {
  const [first, ...more] = files.filter(isPlaceholderFile)
  for (const { file } of more)
    attempt(file, () => {
      throw new RuleError({
        en: `there is one file of placeholders: ${first!.file} has them`,
        zh: `占位符文件只能有一个：${first!.file} 已有`,
      })
    })
  return { ...(first && attempt(first.file, () => readPlaceholderFile(first))), ...given }
}

const targetOf = (
  { entry, ...filter }: Filter,
  [index, reference]: [number, string],
  book: RuleBook<Entry>,
  sources: ReadonlyMap<Entry, Logsource>,
): Entry => {
  const line = entry.document.line(['filter', 'rules', index])
  const target = book.find(reference)
  if (!target) throw book.missing(reference, line)
  const logsource = sources.get(target)
  if (target.kind === 'detection' && !logsource)
    throw new RuleError({ en: `the rule \`${reference}\` was not loaded`, zh: `规则 \`${reference}\` 未能载入` }, line)
  const why = whyNotFiltered({ entry, ...filter }, { kind: target.kind, ...(logsource && { logsource }) })
  if (why) throw new RuleError({ en: `\`${reference}\` ${why.en}`, zh: `\`${reference}\` ${why.zh}` }, line)
  return target
}
