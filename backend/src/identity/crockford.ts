import { randomInt } from 'node:crypto'

/** Crockford's alphabet: nothing in it looks like anything else in it. Five bits a character. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A random code for people to type, in groups of four. */
export const typedCode = (groups: number): string =>
  Array.from({ length: groups }, () =>
    Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join(''),
  ).join('-')

/** One spelling of what was typed: case, blanks and dashes do not matter, and letters that look like digits are these. */
export const normaliseTyped = (code: string): string =>
  code
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
