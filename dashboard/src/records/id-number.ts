/** China's resident ID number (GB 11643), judged while it is typed: the server's answer is the one that counts. */
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const provinces = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(' '),
)

/** `short`: right so far. The others name the first thing that is wrong, so that it is told before all 18 are typed. */
export type IdNumberState = 'empty' | 'short' | 'long' | 'characters' | 'region' | 'date' | 'check' | 'valid'

/** Blanks and dashes gone, full-width characters plain, x in upper case: what is sent. */
export const plainIdNumber = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()

/** The check character for the first 17 digits, ISO 7064 MOD 11-2. */
export const checkCharacter = (digits: string): string => {
  const sum = weights.reduce((total, weight, at) => total + weight * Number(digits[at]), 0)
  return '10X98765432'[sum % 11] ?? ''
}

const isBirthDate = (digits: string, today: Date): boolean => {
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6, 8)].map(Number) as [
    number,
    number,
    number,
  ]
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year >= 1900 && date <= today
}

export const idNumberState = (text: string, today: Date): IdNumberState => {
  const number = plainIdNumber(text)
  if (!number) return 'empty'
  if (number.length > 18) return 'long'
  if (!/^\d{1,17}$|^\d{17}[\dX]$/.test(number)) return 'characters'
  if (number.length >= 2 && !provinces.has(number.slice(0, 2))) return 'region'
  if (number.length >= 14 && !isBirthDate(number.slice(6, 14), today)) return 'date'
  if (number.length < 18) return 'short'
  return checkCharacter(number) === number[17] ? 'valid' : 'check'
}
