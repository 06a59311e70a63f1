import { literal } from './quote.js'

/**
 * One value of an event as SQL has it: a text, a whole number, a number, or a yes-or-no. `lower`: a text of small ASCII
 * letters alone, as codes are.
 */
export interface Leaf {
  type: 'text' | 'whole' | 'number' | 'flag'
  sql: string
  lower?: boolean
}

/** The value as JavaScript writes it, which is how rules compare numbers with texts, and count and group by them. */
export const asJsText = ({ type, sql }: Leaf): string => {
  if (type === 'text') return sql
  if (type === 'flag') return `if(${sql}, 'true', 'false')`
  if (type === 'whole') return `toString(${sql})`
  return `if(${sql} = 0, '0', replaceRegexpOne(toString(${sql}), 'e([0-9])', 'e+\\\\1'))`
}

const decimal = '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?'

/** Whether a leaf is a number, or a text that spells one, and that number passes. Blanks and `0x10` are no numbers. */
export const asNumberPasses = ({ type, sql }: Leaf, test: (number: string) => string): string => {
  if (type === 'flag') return 'false'
  if (type !== 'text') return test(sql)
  return `(match(${sql}, ${literal(`\\A${decimal}\\z`)}) AND ${test(`toFloat64OrZero(${sql})`)})`
}

/** The numbers that a leaf adds to a sum, as an array: none or one. */
export const numbersIn = (leaf: Leaf): string => {
  if (leaf.type === 'flag') return 'emptyArrayFloat64()'
  if (leaf.type !== 'text') return `[toFloat64(${leaf.sql})]`
  const finite = asNumberPasses(leaf, (number) => `isFinite(${number})`)
  return `if(${finite}, [toFloat64OrZero(${leaf.sql})], emptyArrayFloat64())`
}
