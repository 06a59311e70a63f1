import { setTimeout as sleep } from 'node:timers/promises'
import { EventLogError } from './event-log.js'

const pauseMs = 1000
const most = 30

/**
 * For what a start cannot do without: again while the log does not answer, since a machine where everything begins at once may
 * be slow for a while. What `work` does may be done twice. Rejects with what failed it last.
 */
export async function untilAnswered<T>(work: () => Promise<T>, { tries = most, pause = pauseMs } = {}): Promise<T> {
  for (let left = tries; ; left--)
    try {
      return await work()
    } catch (error) {
      if (left <= 1 || !isOfTheLog(error)) throw error
      await sleep(pause)
    }
}

/** itself, or what lies under the words that somebody put around it */
const isOfTheLog = (error: unknown): boolean =>
  error instanceof EventLogError || (error instanceof Error && isOfTheLog(error.cause))
