import type { Random } from '../demo/random.js'
import type { Did } from './hand.js'

interface Arrival {
  did: Did
  random: Random
  at: number
  /** a browser that the account was never signed in from */
  isNew: boolean
  afterRest: boolean
  idleDays: number
}

/** Password, then code; typed wrong now and then, more often after days off, and forgotten altogether once in a while. */
export function signIn({ did, random, at, isNew, afterRest, idleDays }: Arrival): void {
  const chance = (probability: number): boolean => random.next() < probability
  const worse = afterRest ? 2 : 1
  const wrong = (factor: 'password' | 'totp', before: number, times: number): void => {
    for (let n = times; n > 0; n--)
      did(at - before - n * 15_000, {
        action: 'sign_in',
        outcome: 'failed',
        reason: 'bad_credentials',
        factor,
        ...(!isNew && { new_device: false }),
      })
  }
  if (chance(0.001 * worse)) wrong('password', 200_000, random.between(5, 8))
  else if (chance(0.05 * worse)) wrong('password', 60_000, random.between(1, 2))
  did(at - 30_000, { action: 'sign_in', factor: 'password', reason: 'first_factor' })
  if (chance(0.03)) wrong('totp', 0, random.between(1, 2))
  did(at, { action: 'sign_in', factor: 'totp', idle_days: idleDays, ...(isNew && { new_device: true }) })
}
