import { Response } from '@custodia/contracts'
import type { z } from 'zod'
import { inOneSentence, type Said } from './said.js'

export const missing: Said = { en: 'is missing', zh: '缺失' }

export const tooManyParts: Said = {
  en: 'has more than 32 parts between dots: no event has such a field',
  zh: '以点分隔的部分超过 32 个：事件中没有这样的字段',
}

/** What a response may be, and how a timed one is written. */
export const responses = `is one of ${Response.shape.do.options.join(', ')}; a duration is written like \`freeze: 1h\``

/** What schemas say in their own words, which are English alone: the same in Chinese. */
const chinese: Readonly<Record<string, string>> = {
  'cannot group by `__proto__`': '不能按 `__proto__` 分组',
  'each response is an entry of its own': '每种响应须自成一项',
  'has at most 50,000 events, of a hundred years': '最多 50,000 个事件，跨度不超过一百年',
  'has a character that no page shows': '含有无法显示的字符',
  'has an `id` and a `type`': '须有 `id` 和 `type`',
  'is a date like 2026-11-23': '须为日期，例如 2026-11-23',
  'is a day like 2027-01-31, the last on which it holds, or a minute like 2027-01-31T18:00Z':
    '须为日期，例如 2027-01-31（有效的最后一天），或精确到分钟，例如 2027-01-31T18:00Z',
  'cites what there is not: PIPL has 74 articles, GDPR 99, PCI DSS 12 requirements':
    '引用的条款不存在：PIPL 共 74 条，GDPR 共 99 条，PCI DSS 共 12 项要求',
  'is a duration like 10m or 1h': '须为时长，例如 10m 或 1h',
  'is a duration like 10s, 9m50s or 100ms': '须为时长，例如 10s、9m50s 或 100ms',
  'is a list of rules, each with `id` and `type`': '须为规则列表，每项有 `id` 和 `type`',
  'is a list of tags': '须为标签列表',
  'is a list of texts': '须为文本列表',
  'is a name or a list of names': '须为名称或名称列表',
  'is a selection: fields and their values': '须为选择项：字段及其值',
  'is a tag with its namespace, like attack.t1078': '须为带命名空间的标签，例如 attack.t1078',
  'is a text, or one in `en` and one in `zh`': '须为文本，或 `en` 与 `zh` 各一',
  'is a time like 5m': '须为时间跨度，例如 5m',
  'is a time like 90s, 5m, 1h, 2d': '须为时间跨度，例如 90s、5m、1h、2d',
  'is one line, without blanks around it': '须为一行，前后不留空白',
  'is not a UUID': '不是 UUID',
  'is not cited like `PIPL 51`, `GDPR 5(1)(f)`, `PCI DSS 10.2.1.4` or `ATT&CK T1110.003`':
    '引用格式不对，应形如 `PIPL 51`、`GDPR 5(1)(f)`、`PCI DSS 10.2.1.4` 或 `ATT&CK T1110.003`',
  'must be longer than nothing': '须长于零',
  'names a response twice': '同一响应出现两次',
  'names no rule': '没有写任何规则',
  'names something twice': '有重复的名称',
  'needs a category, a product or a service': '需要 category、product 或 service',
  'says by whose word this is: a name': '须写明由谁批准：一个姓名',
  'says nothing: it would leave out every event': '没有内容：会排除所有事件',
  'says why, in three letters or more': '须说明原因，至少三个字符',
  [tooManyParts.en]: tooManyParts.zh,
  [responses]: `须为 ${Response.shape.do.options.join('、')} 之一；时长写作 \`freeze: 1h\``,
}

/** A reason for a schema to give. It is told in both languages: one without its Chinese is an error when the schema is made. */
export const schemaSays = (en: string): string => {
  if (!Object.hasOwn(chinese, en)) throw new Error(`\`${en}\` has no Chinese`)
  return en
}

const kinds: Readonly<Record<string, Said>> = {
  string: { en: 'a text', zh: '文本' },
  number: { en: 'a number', zh: '数字' },
  int: { en: 'a whole number', zh: '整数' },
  boolean: { en: 'true or false', zh: ' true 或 false' },
  array: { en: 'a list', zh: '列表' },
  object: { en: 'a map of keys', zh: '键值映射' },
  record: { en: 'a map of keys', zh: '键值映射' },
}

const bound = (origin: string, number: number | bigint, least: boolean, inclusive = true): Said => {
  const [en, zh] = least ? ['at least', '至少'] : ['at most', '最多']
  if (origin === 'string') return { en: `has ${en} ${number} characters`, zh: `${zh} ${number} 个字符` }
  if (origin === 'array') return { en: `has ${en} ${number} entries`, zh: `${zh} ${number} 项` }
  if (!inclusive)
    return { en: `is ${least ? 'more' : 'less'} than ${number}`, zh: `须${least ? '大于' : '小于'} ${number}` }
  return { en: `is ${number} or ${least ? 'more' : 'less'}`, zh: `须${least ? '不小于' : '不大于'} ${number}` }
}

const oneOf = (values: readonly unknown[]): Said => ({
  en: `is one of ${values.join(', ')}`,
  zh: `须为 ${values.join('、')} 之一`,
})

/** What a schema says in its own words. */
const inItsWords = (issue: z.core.$ZodIssue): Said => {
  const { message: en } = issue
  const told = issue.code === 'custom' ? (issue.params?.zh as string | undefined) : undefined
  return { en, zh: told ?? chinese[en] ?? en }
}

/** What a value should be, as a sentence that goes on from its name; what a schema says in its own words stays. */
export const reasonOf = (issue: z.core.$ZodIssue): Said => {
  if (!/^(Invalid|Too|Unrecognized)\b/.test(issue.message)) return inItsWords(issue)
  switch (issue.code) {
    case 'unrecognized_keys':
      return { en: 'is not a key known here', zh: '不是这里认识的键' }
    case 'invalid_type': {
      if (issue.message.endsWith('received undefined')) return missing
      const kind = kinds[issue.expected] ?? { en: issue.expected, zh: issue.expected }
      return { en: `is to be ${kind.en}`, zh: `须为${kind.zh}` }
    }
    case 'invalid_value':
      return oneOf(issue.values)
    case 'too_small':
      return bound(issue.origin, issue.minimum, true, issue.inclusive)
    case 'too_big':
      return bound(issue.origin, issue.maximum, false, issue.inclusive)
    case 'invalid_union': {
      if (!issue.errors.length) return oneOf((issue as { options?: unknown[] }).options ?? [])
      const reasons = issue.errors.flatMap(([first]) => (first ? [reasonOf(first)] : []))
      const different = [...new Map(reasons.map((reason) => [reason.en, reason])).values()]
      return inOneSentence(different, { en: ', or ', zh: '，或' })
    }
    case 'invalid_format':
      return issue.format === 'datetime'
        ? { en: 'is to be a time like 2027-01-31T18:00:00Z', zh: '须为时间，例如 2027-01-31T18:00:00Z' }
        : { en: 'is not written as it is to be', zh: '格式不对' }
    default:
      return inItsWords(issue)
  }
}

/** Everything that a schema refuses, each with the path of what is meant, in English. */
export const reasonsOf = ({ issues }: z.core.$ZodError): string[] =>
  issues.map((issue) => {
    const at = [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])].join('.')
    return `${at === '' ? 'it' : `\`${at}\``} ${reasonOf(issue).en}`
  })
