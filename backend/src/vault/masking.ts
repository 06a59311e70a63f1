import type { PersonalField } from '@custodia/contracts'
import type { z } from 'zod'
import type { Caller } from '../gateway/caller.js'

type Field = z.infer<typeof PersonalField>

/** Characters as people count them: a rare ideograph is one, not two halves. */
const charactersOf = (value: string): string[] => [...value]
const stars = (count: number): string => '*'.repeat(Math.max(count, 1))

/** First and last few characters; what is too short to hide anything that way is hidden whole. */
const ends = (value: string, first: number, last: number): string => {
  const characters = charactersOf(value)
  if (characters.length <= first + last) return stars(characters.length)
  const hidden = stars(characters.length - first - last)
  return characters.slice(0, first).join('') + hidden + characters.slice(characters.length - last).join('')
}

/** A CJK name keeps its first character, another name its initial; one star, so that its length stays hidden too. */
const maskName = (name: string): string => (charactersOf(name)[0] ?? '') + '*'

const maskEmail = (email: string): string => {
  const at = email.lastIndexOf('@')
  return at < 1 ? '***' : `${charactersOf(email)[0]}***${email.slice(at)}`
}

/** Long enough to tell the city, too short to find the door. A short address would be shown whole: it is hidden whole. */
const maskAddress = (address: string): string => {
  const characters = charactersOf(address)
  return characters.length > 6 ? `${characters.slice(0, 6).join('')}***` : '***'
}

const masks: Record<Field, (value: string) => string> = {
  name: maskName,
  id_number: (value) => ends(value, 3, 4),
  phone: (value) => ends(value, 3, 4),
  email: maskEmail,
  address: maskAddress,
  account_number: (value) => ends(value, 0, 4),
}

/** A personal field as it is shown to somebody who has not revealed it: 张*, 110***********1234, 138****5678. */
export const mask = (field: Field, value: string): string => masks[field](value)

/** A plain value as this person may see it now: masked while a measure says so. */
export const shownTo = (who: Pick<Caller, 'masked'>, field: Field, value: string): string =>
  who.masked ? mask(field, value) : value
