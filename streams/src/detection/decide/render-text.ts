import type { Rule } from '../sigma/rule.js'

export interface TextValues {
  actor?: string
  value: number
  limit?: number
  windowSeconds?: number
  group: Record<string, string>
}

type Language = 'en' | 'zh'

/** The alert's sentence in both languages, with {actor} {value} {limit} {window} {group.<field>} filled in. */
export const renderText = (rule: Rule, values: TextValues): { en: string; zh: string } => ({
  en: fill(rule.custodia.text?.en ?? (values.windowSeconds ? standard.en : single.en), rule, values, 'en'),
  zh: fill(rule.custodia.text?.zh ?? (values.windowSeconds ? standard.zh : single.zh), rule, values, 'zh'),
})

const standard = {
  en: '{title}: {value} within {window} ({group})',
  zh: '{title}：在 {window}内达到 {value}（{group}）',
}
const single = { en: '{title} ({group})', zh: '{title}（{group}）' }

const unknown: Record<Language, string> = { en: 'unknown', zh: '未知' }

const fill = (text: string, rule: Rule, values: TextValues, language: Language): string =>
  text.replace(/\{([a-z_.]+)\}/gi, (placeholder, name: string) => {
    if (name === 'title') return rule.title
    if (name === 'actor') return values.actor ?? unknown[language]
    if (name === 'value') return number(values.value)
    if (name === 'limit') return values.limit === undefined ? unknown[language] : number(values.limit)
    if (name === 'window') return duration(values.windowSeconds ?? 0, language)
    if (name === 'group') return describe(values.group, language)
    if (name.startsWith('group.')) return values.group[name.slice('group.'.length)] ?? unknown[language]
    return placeholder
  })

const number = (value: number): string => String(Math.round(value * 100) / 100)

const describe = (group: Record<string, string>, language: Language): string =>
  Object.entries(group)
    .map(([field, value]) => `${field} ${value}`)
    .join(', ') || (language === 'en' ? 'everyone' : '全体')

const units: [seconds: number, en: string, zh: string][] = [
  [86_400, 'day', '天'],
  [3_600, 'hour', '小时'],
  [60, 'minute', '分钟'],
  [1, 'second', '秒'],
]

/** The largest unit that divides it: 90 minutes, 2 hours, 3 days. */
const duration = (seconds: number, language: Language): string => {
  const [size, en, zh] = units.find(([unit]) => seconds % unit === 0 && seconds >= unit) ?? [1, 'second', '秒']
  const count = seconds / size
  return language === 'zh' ? `${count} ${zh}` : `${count} ${en}${count === 1 ? '' : 's'}`
}
