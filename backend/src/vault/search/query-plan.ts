import { cjkPairs, longestBeginning, normalise, normalisePhone, type SearchTokens, type TokenField } from './tokens.js'

/** One way in which a customer may fit what was typed: every token of it. */
export interface Alternative {
  field: TokenField
  all: Buffer[]
}

/** What people type for a phone or an ID number: digits, perhaps with separators or the check letter. */
const looksLikeNumber = /^\+?[\d()-]+x?$/u

/** Which fields a typed text may mean, and the tokens to look for. Without any, nobody fits. */
export function planQuery(tokens: SearchTokens, q: string): Alternative[] {
  const text = normalise(q)
  if (!text) return []
  if (!looksLikeNumber.test(text)) return byName(tokens, text)
  return [...byIdNumber(tokens, text), ...(text.endsWith('x') ? [] : byPhone(tokens, text))]
}

/** The exact token of a tag. */
export const planTag = (tokens: SearchTokens, tag: string): Alternative => ({
  field: 'tag',
  all: [tokens.token('tag', 'whole', normalise(tag))],
})

function byName(tokens: SearchTokens, text: string): Alternative[] {
  const characters = [...text]
  const pairs = cjkPairs(text)
  // Pairs speak for the whole text only when each two neighbours are one of them.
  const allPairs = pairs.length > 0 && characters.slice(1).every((next, at) => pairs.includes(characters[at]! + next))
  return [
    { field: 'name', all: [tokens.token('name', characters.length > longestBeginning ? 'whole' : 'begins', text)] },
    ...(allPairs ? [{ field: 'name' as const, all: pairs.map((pair) => tokens.token('name', 'pair', pair)) }] : []),
  ]
}

function byIdNumber(tokens: SearchTokens, text: string): Alternative[] {
  const number = text.replace(/[()+-]/g, '')
  if (number.length === 4) return [{ field: 'id_number', all: [tokens.token('id_number', 'ends', number)] }]
  if (number.length < 6 || number.length > 18) return []
  return [{ field: 'id_number', all: [tokens.token('id_number', number.length < 18 ? 'begins' : 'whole', number)] }]
}

function byPhone(tokens: SearchTokens, text: string): Alternative[] {
  const number = normalisePhone(text)
  if (number.length < 3 || number.length > longestBeginning) return []
  return [
    { field: 'phone', all: [tokens.token('phone', 'begins', number)] },
    ...(number.length === 4 ? [{ field: 'phone' as const, all: [tokens.token('phone', 'ends', number)] }] : []),
  ]
}
