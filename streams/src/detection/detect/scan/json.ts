/** JSON read straight from its bytes: where a value ends, or -1 where it is not one. Strict: what `JSON.parse` refuses is not one. */

const QUOTE = 34
const BACKSLASH = 92
const MAX_DEPTH = 100

/** Bytes that end the plain run of a text: the quote, the backslash, and controls, which must be escaped. */
const ends = new Uint8Array(256).fill(1, 0, 32)
ends[QUOTE] = 1
ends[BACKSLASH] = 1

const isHex = (byte: number): boolean =>
  (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 70) || (byte >= 97 && byte <= 102)

/** `at` is the opening quote; gives the place after the closing one. */
export const endOfText = (bytes: Uint8Array, at: number): number => {
  for (let p = at + 1; ; p++) {
    let byte = bytes[p] as number
    while (ends[byte] === 0) byte = bytes[++p] as number
    if (byte === QUOTE) return p + 1
    if (byte !== BACKSLASH) return -1
    switch (bytes[++p]) {
      case QUOTE:
      case BACKSLASH:
      case 47: // /
      case 98: // b
      case 102: // f
      case 110: // n
      case 114: // r
      case 116: // t
        break
      case 117: // u
        for (let digit = 0; digit < 4; digit++) if (!isHex(bytes[++p] as number)) return -1
        break
      default:
        return -1
    }
  }
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte <= 57

const endOfNumber = (bytes: Uint8Array, at: number): number => {
  let p = at
  const digits = (): boolean => {
    if (!isDigit(bytes[p])) return false
    while (isDigit(bytes[p])) p++
    return true
  }
  if (bytes[p] === 45) p++
  if (bytes[p] === 48) p++
  else if (!digits()) return -1
  if (bytes[p] === 46) {
    p++
    if (!digits()) return -1
  }
  if (bytes[p] === 101 || bytes[p] === 69) {
    p++
    if (bytes[p] === 43 || bytes[p] === 45) p++
    if (!digits()) return -1
  }
  return p
}

const words = ['true', 'false', 'null'].map((word) => Buffer.from(word))

const endOfWord = (bytes: Uint8Array, at: number): number => {
  for (const word of words) if (word.every((byte, index) => bytes[at + index] === byte)) return at + word.length
  return -1
}

/** Spaces, tabs and carriage returns; a line has no newline inside. */
export const skipBlank = (bytes: Uint8Array, at: number): number => {
  let p = at
  while (bytes[p] === 32 || bytes[p] === 9 || bytes[p] === 13) p++
  return p
}

export const endOfValue = (bytes: Uint8Array, at: number, depth = 0): number => {
  const byte = bytes[at]
  if (byte === QUOTE) return endOfText(bytes, at)
  if (byte === 123 || byte === 91) return depth < MAX_DEPTH ? endOfNested(bytes, at, depth + 1) : -1
  return byte === 45 || isDigit(byte) ? endOfNumber(bytes, at) : endOfWord(bytes, at)
}

const endOfNested = (bytes: Uint8Array, at: number, depth: number): number => {
  const close = (bytes[at] as number) + 2 // } follows { and ] follows [ at the same distance
  let p = skipBlank(bytes, at + 1)
  if (bytes[p] === close) return p + 1
  for (;;) {
    if (close === 125) {
      if (bytes[p] !== QUOTE || (p = endOfText(bytes, p)) < 0) return -1
      p = skipBlank(bytes, p)
      if (bytes[p] !== 58) return -1
      p = skipBlank(bytes, p + 1)
    }
    if ((p = endOfValue(bytes, p, depth)) < 0) return -1
    p = skipBlank(bytes, p)
    if (bytes[p] === close) return p + 1
    if (bytes[p] !== 44) return -1
    p = skipBlank(bytes, p + 1)
  }
}
