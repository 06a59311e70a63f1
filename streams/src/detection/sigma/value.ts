import { parseText, type Part } from './text.js'

/** `binary`: the characters are bytes (after `wide` and its like), which matters to base64. */
export type TextValue = { kind: 'text'; parts: Part[]; source: string; binary?: boolean }
/** `part`: this number is expected as that part of a time, not as the value itself. */
export type NumberValue = { kind: 'number'; number: number; source: string; part?: TimePart }
/** `limit` bounds the value itself, or that part of it as a time. */
export type CompareValue = { kind: 'compare'; op: 'lt' | 'lte' | 'gt' | 'gte'; limit: number; part?: TimePart }
export type RegexValue = { kind: 'regex'; pattern: string; flags: string }
export type FieldValue = { kind: 'field'; name: string; how: 'equals' | 'contains' | 'startswith' | 'endswith' }
/** `instant`: the whole time, to the minute, in milliseconds since 1970; no modifier asks for it. */
export type TimePart = 'instant' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'

/**
 * A value of a rule on its way through its modifiers, and what is left of it then: data alone, from which a test, or SQL, is
 * made. `presence`, `network` and `compare` are finished: no modifier takes them further.
 */
export type Value =
  | TextValue
  | NumberValue
  | CompareValue
  | RegexValue
  | FieldValue
  | { kind: 'null' }
  | { kind: 'boolean'; boolean: boolean }
  | { kind: 'presence'; expected: boolean }
  /** address and prefix as written: `10.0.0.0/8`, `2001:db8::/32` */
  | { kind: 'network'; source: string }

export const textValue = (source: string): TextValue => ({ kind: 'text', parts: parseText(source), source })

/** A value as text: numbers as they are written in the rule (`10.0` stays `10.0`). */
export const asText = (value: Value): TextValue | undefined => {
  if (value.kind === 'text') return value
  if (value.kind === 'number' && !value.part) return { kind: 'text', parts: [value.source], source: value.source }
  if (value.kind === 'boolean') return textValue(String(value.boolean))
  return undefined
}

/**
 * The texts that a value equals: a number those that spell it, as it is written in the rule and in plain digits (`0x10` and
 * 16), which is how an event's number is spelled. None: it is no text, but a test of its own.
 */
export const textsOf = (value: Value): TextValue[] => {
  const text = asText(value)
  if (!text) return []
  const digits = value.kind === 'number' ? String(value.number) : text.source
  return digits === text.source ? [text] : [text, { kind: 'text', parts: [digits], source: digits }]
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** A number, or a text that is one; undefined for everything else, also for `0x10`, blanks and booleans. */
export const asNumber = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value
  return typeof value === 'string' && decimal.test(value) ? Number(value) : undefined
}
