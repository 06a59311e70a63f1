/** What is counted on its own: guessing one of them says nothing about another. */
export type GuessedFactor =
  'password' | 'totp' | 'passkey' | 'recovery_code' | 'invitation' | 'setup' | 'oidc' | 'sealed_code'

export const rules = {
  /** failures of one account from one source before each further try waits */
  free: 5,
  /** the same while the whole system is under attack */
  freeInStorm: 2,
  /** failures of one source, whichever the accounts, within an hour */
  freeOfSource: 40,
  /** failures everywhere within ten to twenty minutes that make a storm */
  storm: 500,
  longestSeconds: 15 * 60,
  longestOfSourceSeconds: 60,
  /** strangers cannot try an account at all: after so many failures from so many networks within an hour */
  lock: { failed: 20, networks: 5, minutes: 15 },
} as const

/** One counter, as it stands before an attempt. */
export interface Counter {
  failed: number
  /** seconds since the last failure */
  ago: number
}

/** Everything an attempt is judged by. A browser that has signed in as this account before has a counter of its own and no other. */
export interface Standing {
  own: Counter
  source: Counter
  everywhere: number
  /** seconds until strangers may try this account again */
  lockedFor: number
}

const left = ({ failed, ago }: Counter, free: number, longest: number): number =>
  failed < free ? 0 : Math.min(2 ** (failed - free), longest) - ago

/** Seconds until this attempt may be made; 0: now. */
export function waitOf({ own, source, everywhere, lockedFor }: Standing): number {
  const free = everywhere >= rules.storm ? rules.freeInStorm : rules.free
  return Math.max(
    0,
    lockedFor,
    left(own, free, rules.longestSeconds),
    left(source, rules.freeOfSource, rules.longestOfSourceSeconds),
  )
}

/** What strangers have done to one account within an hour, the attempt under way included. */
export const deservesLock = ({ failed, networks }: { failed: number; networks: number }): boolean =>
  failed >= rules.lock.failed && networks >= rules.lock.networks
