import type { Logsource } from './head.js'
import { nearest } from './nearest.js'
import { RuleError } from './rule-error.js'

/** Refuses a field that no event has, if it is known what events have: a rule that looks at one stays silent for ever. */
export type NeedField = (name: string, line?: number) => void

export const anyField: NeedField = () => undefined

const product = 'custodia'

/** Rules over the events of other systems may look at anything; of our own it is known what they have. */
export const isOwn = (logsource: Logsource): boolean => logsource.product?.toLowerCase() === product

/** `fields`: what our own events have; undefined: that is not asked. */
export const needFieldOf =
  (fields: readonly string[] | undefined): NeedField =>
  (name, line) => {
    if (!fields || fields.includes(name)) return
    throw new RuleError(`\`${name}\` is no field of \`product: ${product}\`${didYouMean(name, fields)}`, line)
  }

/** `; did you mean …?`, where something known is only a typing error away. */
export const didYouMean = (name: string, known: readonly string[]): string => {
  const meant = nearest(name, known)
  return meant === undefined ? '' : `; did you mean \`${meant}\`?`
}
