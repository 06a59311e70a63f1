import type { z } from 'zod'

const kinds: Record<string, string> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  array: 'a list',
  object: 'an object',
  boolean: 'true or false',
}

const formats: Record<string, string> = {
  url: 'an address such as https://host:8123',
  date: 'a date such as 2026-03-31',
}

/** What is wrong with a value, in the words of whoever has to correct it, and without the value. Schemas' own sentences come first. */
export function inPlainWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `not ${kinds[issue.expected] ?? 'of the right kind'}`
    case 'invalid_value':
      return `not one of ${issue.values.map(String).join(', ')}`
    case 'invalid_format':
      return `not ${formats[issue.format] ?? 'written as it should be'}`
    case 'too_small':
      if (issue.origin !== 'string') return `less than ${issue.minimum}`
      return issue.minimum === 1 ? 'empty' : `shorter than ${issue.minimum} characters`
    case 'too_big':
      return issue.origin === 'string' ? `longer than ${issue.maximum} characters` : `more than ${issue.maximum}`
    case 'unrecognized_keys':
      return `there is no ${issue.keys.join(', ')}`
    default:
      return 'not right'
  }
}
