import { ProblemError } from '../gateway/problem.js'

const free = 5
const longestSeconds = 15 * 60
const forgetAfterMs = 60 * 60_000
const remembered = 20_000

interface Attempts {
  failed: number
  /** milliseconds since the epoch */
  last: number
}

/**
 * Slows guessing down: after five failures for one account from one address each further attempt there has to wait, twice as
 * long each time. Only that pair waits, so that a stranger's guesses never lock the owner out elsewhere. An attempt counts as
 * failed from its beginning until `succeeded`: many at once get no more tries than one after the other.
 */
export class Throttle {
  private readonly attempts = new Map<string, Attempts>()

  constructor(private readonly now: () => number = Date.now) {}

  /** Throws `too_many_attempts` with Retry-After while the pair must wait. */
  begin(account: string, address: string): void {
    const key = `${account} ${address}`
    const now = this.now()
    const known = this.attempts.get(key)
    const before = known && now - known.last < forgetAfterMs ? known : { failed: 0, last: 0 }
    const waitMs = before.last + delayMs(before.failed) - now
    if (waitMs > 0)
      throw new ProblemError('too_many_attempts', { headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) } })
    this.remember(key, { failed: before.failed + 1, last: now })
  }

  succeeded(account: string, address: string): void {
    this.attempts.delete(`${account} ${address}`)
  }

  /** The map keeps the order of insertion, so its first key is the one that was tried longest ago. */
  private remember(key: string, attempts: Attempts): void {
    this.attempts.delete(key)
    this.attempts.set(key, attempts)
    for (const oldest of this.attempts.keys()) {
      if (this.attempts.size <= remembered) break
      this.attempts.delete(oldest)
    }
  }
}

const delayMs = (failed: number): number => (failed < free ? 0 : Math.min(2 ** (failed - free), longestSeconds) * 1000)
