/** `*`: any characters, or none. */
export const ANY = Symbol('*')
/** `?`: exactly one character. */
export const ONE = Symbol('?')
/** Text of a rule with its wildcards told apart from its characters. */
export type Part = string | typeof ANY | typeof ONE

/** Joins neighbouring strings and drops empty ones, so that equal texts look equal. */
export const joinParts = (parts: readonly Part[]): Part[] => {
  const joined: Part[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (part === '' || (part === ANY && last === ANY)) continue
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part
    else joined.push(part)
  }
  return joined
}

/** Reads wildcards and escapes: `\*`, `\?` and `\\` are characters; a backslash before anything else is itself. */
export const parseText = (source: string): Part[] => {
  const parts: Part[] = []
  for (let i = 0; i < source.length; i++) {
    const char = source[i]!
    const next = source[i + 1]
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) parts.push(source[++i]!)
    else parts.push(char === '*' ? ANY : char === '?' ? ONE : char)
  }
  return joinParts(parts)
}

/** The text without wildcards, or undefined when there are some. */
export const plainText = (parts: readonly Part[]): string | undefined =>
  parts.every((part) => typeof part === 'string') ? parts.join('') : undefined

/** As people read it, its wildcards among its characters. */
export const writtenText = (parts: readonly Part[]): string =>
  parts.map((part) => (part === ANY ? '*' : part === ONE ? '?' : part)).join('')
