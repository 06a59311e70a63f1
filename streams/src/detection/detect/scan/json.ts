/**
 * JSON read straight from its bytes: where a value ends, or -1 where it is not one. Strict: what `JSON.parse` refuses is not one.
 * `words` looks at the same bytes four at a time, and reaches a little further.
 */

const QUOTE = 34
const BACKSLASH = 92
const MAX_DEPTH = 100

const isHex = (byte: number): boolean =>
  (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 70) || (byte >= 97 && byte <= 102)

/**
 * Which of four bytes end the plain run of a text, the quote, the backslash, and controls, which must be escaped: the top bit of
 * each. Bytes above the first such one may be marked wrongly. `byte ^ 2` takes the quote next to the controls, so that one
 * subtraction finds both.
 */
const endsIn = (word: number): number => {
  const controls = word ^ 0x02020202
  const backslashes = word ^ 0x5c5c5c5c
  return (((controls - 0x21212121) & ~controls) | ((backslashes - 0x01010101) & ~backslashes)) & 0x80808080
}

/** the place of the lowest byte whose top bit is set */
export const firstIn = (marks: number): number => (31 - Math.clz32(marks & -marks)) >>> 3

/** `at` is the opening quote; gives the place after the closing one. */
export const endOfText = (bytes: Uint8Array, words: DataView, at: number): number => {
  let p = at + 1
  for (;;) {
    const marks = endsIn(words.getInt32(p, true))
    if (marks === 0) {
      p += 4
      continue
    }
    p += firstIn(marks)
    if (bytes[p] === QUOTE) return p + 1
    p = endOfEscape(bytes, p)
    if (p < 0) return -1
  }
}

/** the place after an escape; -1: it is none */
const endOfEscape = (bytes: Uint8Array, at: number): number => {
  if (bytes[at] !== BACKSLASH) return -1
  switch (bytes[at + 1]) {
    case QUOTE:
    case BACKSLASH:
    case 47: // /
    case 98: // b
    case 102: // f
    case 110: // n
    case 114: // r
    case 116: // t
      return at + 2
    case 117: // u
      for (let digit = 2; digit < 6; digit++) if (!isHex(bytes[at + digit] as number)) return -1
      return at + 6
    default:
      return -1
  }
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte <= 57

/** the place after all digits from here on; -1: there is none */
const endOfDigits = (bytes: Uint8Array, at: number): number => {
  let p = at
  while (isDigit(bytes[p])) p++
  return p > at ? p : -1
}

const endOfNumber = (bytes: Uint8Array, at: number): number => {
  let p = bytes[at] === 45 ? at + 1 : at
  p = bytes[p] === 48 ? p + 1 : endOfDigits(bytes, p)
  if (bytes[p] === 46) p = endOfDigits(bytes, p + 1)
  if (p > 0 && (bytes[p] === 101 || bytes[p] === 69)) {
    const sign = bytes[p + 1]
    p = endOfDigits(bytes, sign === 43 || sign === 45 ? p + 2 : p + 1)
  }
  return p
}

const fourOf = (text: string): number => Buffer.from(text).readInt32LE()
const TRUE = fourOf('true')
const NULL = fourOf('null')
const FALS = fourOf('fals')

const endOfWord = (bytes: Uint8Array, words: DataView, at: number): number => {
  const four = words.getInt32(at, true)
  if (four === TRUE || four === NULL) return at + 4
  return four === FALS && bytes[at + 4] === 101 ? at + 5 : -1
}

/** Spaces, tabs and carriage returns; a line has no newline inside. */
export const skipBlank = (bytes: Uint8Array, at: number): number => {
  let p = at
  while (bytes[p] === 32 || bytes[p] === 9 || bytes[p] === 13) p++
  return p
}

export const endOfValue = (bytes: Uint8Array, words: DataView, at: number, depth = 0): number => {
  const byte = bytes[at]
  if (byte === QUOTE) return endOfText(bytes, words, at)
  if (byte === 123 || byte === 91) return depth < MAX_DEPTH ? endOfNested(bytes, words, at, depth + 1) : -1
  return byte === 45 || isDigit(byte) ? endOfNumber(bytes, at) : endOfWord(bytes, words, at)
}

const endOfNested = (bytes: Uint8Array, words: DataView, at: number, depth: number): number => {
  const close = (bytes[at] as number) + 2 // } follows { and ] follows [ at the same distance
  let p = skipBlank(bytes, at + 1)
  if (bytes[p] === close) return p + 1
  for (;;) {
    if (close === 125) {
      if (bytes[p] !== QUOTE || (p = endOfText(bytes, words, p)) < 0) return -1
      p = skipBlank(bytes, p)
      if (bytes[p] !== 58) return -1
      p = skipBlank(bytes, p + 1)
    }
    if ((p = endOfValue(bytes, words, p, depth)) < 0) return -1
    p = skipBlank(bytes, p)
    if (bytes[p] === close) return p + 1
    if (bytes[p] !== 44) return -1
    p = skipBlank(bytes, p + 1)
  }
}
