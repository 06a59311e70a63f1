/**
 * China's resident ID number (GB 11643): region 6, date of birth 8, sequence 3 (odd for men), check character of
 * ISO 7064 MOD 11-2, which is a digit or X.
 */
const shape = /^[1-8]\d{5}(\d{4})(\d{2})(\d{2})\d{3}[\dX]$/
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** First two digits of the region: the provinces, municipalities, autonomous and special administrative regions. */
const provinces = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(' '),
)

/** As it is stored and compared: no blanks, full-width characters made plain, X in upper case. */
export const normaliseIdNumber = (text: string): string => text.normalize('NFKC').replace(/\s/g, '').toUpperCase()

/** The check character for the first 17 digits. */
export function checkCharacterOf(first17: string): string {
  const sum = weights.reduce((total, weight, at) => total + weight * Number(first17[at]), 0)
  return '10X98765432'[sum % 11]!
}

/** Whether a normalised number is valid for somebody born no later than `today`. */
export function isIdNumber(idNumber: string, today: Date): boolean {
  const match = shape.exec(idNumber)
  if (!match || !provinces.has(idNumber.slice(0, 2))) return false
  const [, year, month, day] = match
  return isBirthDate(Number(year), Number(month), Number(day), today) && checkCharacterOf(idNumber) === idNumber[17]
}

function isBirthDate(year: number, month: number, day: number, today: Date): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return exists && year >= 1900 && date <= today
}
