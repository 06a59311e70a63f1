import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, Queries } from './database.js'
import { isLostRace } from './failures.js'

/** Of a dozen that race each other, one wins every round: the last wins in the twelfth. */
const attempts = 12
const [firstPauseMs, longestPauseMs] = [10, 300]

export interface Undoable {
  undo(): Promise<void>
}

/**
 * Runs `work` as if nobody else were there: of transactions that race, one goes first and the others see what it did. Whoever
 * loses begins again, after a random pause that doubles; after twelve losses the loss is the answer. For what two people can
 * decide at once over several rows; what one conditional statement decides needs none of this.
 *
 * A commit can lose a race too. What the attempt did outside the database by then, `outside` takes back before the next one.
 */
export async function serialisable<T>(db: Database, work: (tx: Queries) => Promise<T>, outside?: Undoable): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction(work, { isolationLevel: 'serializable' })
    } catch (error) {
      if (!isLostRace(error)) throw error
      await outside?.undo()
      if (attempt === attempts) throw error
      await sleep(Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** attempt))
    }
  }
}
