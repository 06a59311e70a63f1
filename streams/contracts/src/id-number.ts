/**
 * China's resident ID number (GB 11643): region 6, date of birth 8, sequence 3 (odd for men), check character of
 * ISO 7064 MOD 11-2, which is a digit or X.
 */
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** First two digits of the region: the provinces, municipalities, autonomous and special administrative regions. */
const provinces = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(' '),
)

/** As it is stored and compared: blanks and dashes gone, full-width characters made plain, X in upper case. */
export const normaliseIdNumber = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()

/** The check character for the first 17 digits. */
export function checkCharacterOf(first17: string): string {
  const sum = weights.reduce((total, weight, at) => total + weight * Number(first17[at]), 0)
  return '10X98765432'[sum % 11] ?? ''
}

/** `short`: right so far. The others name the first thing that is wrong, so that it is told before all 18 are typed. */
export type IdNumberState = 'empty' | 'short' | 'long' | 'characters' | 'region' | 'date' | 'check' | 'valid'

/** What is to be said of a number while it is typed, for somebody born no later than `today`. */
export function idNumberState(text: string, today: Date): IdNumberState {
  const number = normaliseIdNumber(text)
  if (!number) return 'empty'
  if (number.length > 18) return 'long'
  if (!/^\d{1,17}$|^\d{17}[\dX]$/.test(number)) return 'characters'
  if (number.length >= 2 && !provinces.has(number.slice(0, 2))) return 'region'
  if (number.length >= 14 && !isBirthDate(number.slice(6, 14), today)) return 'date'
  if (number.length < 18) return 'short'
  return checkCharacterOf(number) === number[17] ? 'valid' : 'check'
}

/** Whether a normalised number is valid for somebody born no later than `today`. */
export const isIdNumber = (idNumber: string, today: Date): boolean =>
  normaliseIdNumber(idNumber) === idNumber && idNumberState(idNumber, today) === 'valid'

function isBirthDate(digits: string, today: Date): boolean {
  const [year, month, day] = [Number(digits.slice(0, 4)), Number(digits.slice(4, 6)), Number(digits.slice(6, 8))]
  const date = new Date(Date.UTC(year, month - 1, day))
  return year >= 1900 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date <= today
}
