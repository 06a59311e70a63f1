import type { z } from 'zod'

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
}

const bound = (
  origin: string,
  number: number | bigint,
  words: { number: string; text: string; list: string },
): string =>
  origin === 'string'
    ? `has ${words.text} ${number} characters`
    : origin === 'array'
      ? `has ${words.list} ${number} entries`
      : `is ${number} or ${words.number}`

/** What a value should be, as a sentence that goes on from its name; what a schema says in its own words stays. */
export const reasonOf = (issue: z.core.$ZodIssue): string => {
  if (!/^(Invalid|Too|Unrecognized)\b/.test(issue.message)) return issue.message
  switch (issue.code) {
    case 'unrecognized_keys':
      return 'is not a key known here'
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'is missing'
        : `is to be ${kinds[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `is one of ${issue.values.join(', ')}`
    case 'too_small':
      return bound(issue.origin, issue.minimum, { number: 'more', text: 'at least', list: 'at least' })
    case 'too_big':
      return bound(issue.origin, issue.maximum, { number: 'less', text: 'at most', list: 'at most' })
    case 'invalid_union':
      return issue.errors.length
        ? [...new Set(issue.errors.flatMap(([first]) => (first ? [reasonOf(first)] : [])))].join(', or ')
        : `is one of ${((issue as { options?: unknown[] }).options ?? []).join(', ')}`
    default:
      return issue.message
  }
}

/** Everything that a schema refuses, each with the path of what is meant. */
export const reasonsOf = ({ issues }: z.core.$ZodError): string[] =>
  issues.map((issue) => {
    const at = [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])].join('.')
    return `${at === '' ? 'it' : `\`${at}\``} ${reasonOf(issue)}`
  })
