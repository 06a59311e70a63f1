import { Inject, Injectable } from '@nestjs/common'
import { and, eq, gt, isNull, lte, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import { ProblemError } from '../gateway/problem.js'
import type { RecordStore } from '../record-store/record-store.js'
import { challenges } from '../record-store/schema.js'

const minutes = 5

/** What a challenge was given for. The one that proves who somebody is takes no fresh proof, and must not add a key. */
type Kind = 'proof' | 'enrolment'

/**
 * Challenges of passkey ceremonies: for one kind of them, which their id begins with; bound to an account where one is known;
 * good for one use within five minutes.
 */
@Injectable()
export class ChallengesService {
  constructor(@Inject(RECORD_STORE) private readonly store: RecordStore) {}

  async remember(kind: Kind, challenge: string, accountId?: string): Promise<string> {
    const id = `${kind}:${uuidv7()}`
    await this.store.db.delete(challenges).where(lte(challenges.expiresAt, sql`now()`))
    await this.store.db
      .insert(challenges)
      .values({ id, challenge, accountId, expiresAt: sql`now() + make_interval(mins => ${minutes})` })
    return id
  }

  /** Used up with this call, whatever comes of the ceremony: a failed one begins again. */
  async take(kind: Kind, id: string, accountId?: string): Promise<string> {
    if (!id.startsWith(`${kind}:`)) throw new ProblemError('bad_credentials')
    const [taken] = await this.store.db
      .delete(challenges)
      .where(
        and(
          eq(challenges.id, id),
          gt(challenges.expiresAt, sql`now()`),
          accountId ? eq(challenges.accountId, accountId) : isNull(challenges.accountId),
        ),
      )
      .returning({ challenge: challenges.challenge })
    if (!taken) throw new ProblemError('bad_credentials')
    return taken.challenge
  }
}
