import { setTimeout as sleep } from 'node:timers/promises'

export interface Backoff {
  tries: number
  firstMs: number
  longestMs: number
}

/** Ten tries over about half a minute: longer than a server's restart, shorter than anybody's patience. */
export const defaultBackoff: Backoff = { tries: 10, firstMs: 100, longestMs: 8_000 }

/**
 * Runs `work` until it succeeds, waiting twice as long after each failure. Rejects with the last failure, or as soon as
 * `signal` aborts. `work` must be safe to repeat.
 */
export const withBackoff = async <T>(
  work: () => Promise<T>,
  { tries, firstMs, longestMs }: Backoff,
  signal: AbortSignal,
  onFailure: (error: unknown, tried: number) => void,
): Promise<T> => {
  for (let tried = 1, wait = firstMs; ; tried++, wait = Math.min(wait * 2, longestMs)) {
    signal.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      onFailure(error, tried)
      if (tried >= tries) throw error
      await sleep(wait, undefined, { signal })
    }
  }
}
