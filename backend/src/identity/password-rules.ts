import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Inject, Injectable } from '@nestjs/common'
import { CONFIG, type Config } from '../config.js'
import { ProblemError } from '../gateway/problem.js'
import { signInNameOf } from './account.js'

const prefix = 5

/** Sorted prefixes of SHA-256; backend/breached-passwords/README.md says of what. */
const breached = readFileSync(new URL('../../breached-passwords/sha256-5.bin', import.meta.url))

function isBreached(folded: string): boolean {
  const wanted = createHash('sha256').update(folded).digest().subarray(0, prefix)
  let [low, high] = [0, breached.length / prefix - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const order = wanted.compare(breached, middle * prefix, (middle + 1) * prefix)
    if (order === 0) return true
    if (order < 0) high = middle - 1
    else low = middle + 1
  }
  return false
}

/** A few characters over and over: `abcabcabcabc`. */
const isRepeated = (text: string): boolean => /^(.{1,5})\1+.{0,4}$/u.test(text)

/** Each character one further than the one before, or one back: `123456789012`, `lmnopqrstuvw`. */
const isSequence = (text: string): boolean =>
  [1, -1].some((step) =>
    [...text].every((char, i, all) => {
      const before = all[i - 1]?.codePointAt(0)
      return before === undefined || [step, step * -9].includes((char.codePointAt(0) ?? 0) - before)
    }),
  )

const fold = (text: string): string => text.normalize('NFKC').trim().toLowerCase()

/** The words that anybody would try first for this person, and hardly anything besides. */
function isObvious(text: string, words: string[]): boolean {
  const longestFirst = words.filter((word) => word.length > 1).sort((a, b) => b.length - a.length)
  const rest = longestFirst.reduce((left, word) => left.replaceAll(word, ''), text)
  return rest.length < text.length && rest.length < 6
}

/** What a new password must be: long, and not one that guessers know. Nothing about kinds of characters (NIST SP 800-63B). */
@Injectable()
export class PasswordRules {
  readonly min: number
  private readonly houseWords: string[]

  constructor(@Inject(CONFIG) config: Pick<Config, 'passwordMin' | 'houseWords'>) {
    this.min = config.passwordMin
    this.houseWords = ['custodia', ...config.houseWords.split(/[,，]/).map(fold)]
  }

  /** Throws `password_too_short` or `password_known`. */
  require(password: string, username: string): void {
    const folded = fold(password)
    if ([...folded].length < this.min) throw new ProblemError('password_too_short', { min: this.min })
    const words = [...this.houseWords, ...signInNameOf(username).split(/[^\p{L}\p{N}]+/u), signInNameOf(username)]
    if (isBreached(folded) || isRepeated(folded) || isSequence(folded) || isObvious(folded, words))
      throw new ProblemError('password_known')
  }
}
