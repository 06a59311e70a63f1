import { coversLogsource, type Logsource } from './head.js'
import { nearest } from './nearest.js'
import type { RuleDocument } from './nodes.js'
import { RuleError } from './rule-error.js'
import type { Said } from './said.js'

/** Events of which it is known where they come from and what they have. */
export interface KnownEvents {
  logsource: Logsource
  fields: readonly string[]
}

/** Refuses a log source that no event has: its rule would match nothing, or what its author has never seen. */
export type NeedSource = (logsource: Logsource, document: RuleDocument) => void

/** Refuses a field that no event has: a rule that looks at one stays silent for ever. */
export type NeedField = (name: string, line?: number) => void

/** `events`: undefined: anybody's, whose log source nobody knows. */
export const needSourceOf =
  (events: KnownEvents | undefined): NeedSource =>
  (logsource, document) => {
    if (!events || coversLogsource(logsource, events.logsource)) return
    const foreign = Object.entries(logsource).filter(
      ([key, value]) => !coversLogsource({ [key]: value }, events.logsource),
    )
    throw new RuleError(
      {
        en:
          `no event here is of \`${spelled(Object.fromEntries(foreign))}\`: write \`logsource: { ${spelled(events.logsource)} }\`, ` +
          'and select what an outside system sends by its `source`, as in `source: sshd`',
        zh:
          `这里没有 \`${spelled(Object.fromEntries(foreign))}\` 的事件：请写 \`logsource: { ${spelled(events.logsource)} }\`，` +
          '外部系统发来的事件用其 `source` 选择，例如 `source: sshd`',
      },
      document.line(['logsource', foreign[0]![0]]),
    )
  }

/** `events`: undefined: they may have anything. */
export const needFieldOf =
  (events: KnownEvents | undefined): NeedField =>
  (name, line) => {
    if (!events || events.fields.includes(name)) return
    const { product } = events.logsource
    const meant = didYouMean(name, events.fields)
    throw new RuleError(
      {
        en: `\`${name}\` is no field of \`product: ${product}\`${meant.en}`,
        zh: `\`product: ${product}\` 没有字段 \`${name}\`${meant.zh}`,
      },
      line,
    )
  }

const spelled = ({ product, category, service }: Logsource): string =>
  Object.entries({ product, category, service })
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}`]))
    .join(', ')

/** `; did you mean …?`, where something known is only a typing error away. */
export const didYouMean = (name: string, known: readonly string[]): Said => {
  const meant = nearest(name, known)
  return meant === undefined
    ? { en: '', zh: '' }
    : { en: `; did you mean \`${meant}\`?`, zh: `；是否想写 \`${meant}\`？` }
}
