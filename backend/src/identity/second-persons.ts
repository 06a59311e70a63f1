import { Inject, Injectable } from '@nestjs/common'
import { and, eq, gt, inArray, isNotNull, isNull, lte, min, not, or, sql } from 'drizzle-orm'
import { CONFIG, type Config } from '../config.js'
import type { Caller } from '../gateway/caller.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { isClaimed } from './has-come-in.js'

const hourMs = 3_600_000
/** Rights that count later, or once another administrator has confirmed them. */
const isNew = gt(accounts.decidesFrom, sql`now()`)

/**
 * Who counts as somebody else, wherever two persons are needed. Rights that one person alone gave do not at first: whoever
 * gave them may be both. They count after the waiting time, or as soon as another administrator has confirmed them.
 */
@Injectable()
export class SecondPersons {
  readonly waitHours: number

  constructor(@Inject(CONFIG) config: Pick<Config, 'deciderWaitHours'>) {
    this.waitHours = config.deciderWaitHours
  }

  /**
   * Rights were given to this account by somebody alone, in the caller's transaction and after the row was written; `by`
   * undefined: nobody of the house whom we could name; `since`: when it was asked for, in ms since the epoch, where everybody
   * on duty has known of it from then on; `laid`: a new way in, in place of those before. Returns from when they count, undefined: at once.
   */
  async begin(
    tx: Queries,
    id: string,
    by: string | undefined,
    { since = Date.now(), laid = false } = {},
  ): Promise<Date | undefined> {
    const free = !this.waitHours || (await this.youngUntil(tx)) !== undefined
    if (free) return void (await this.count(tx, id))
    // Of several givers each is another than the last one: nobody confirms what they had a hand in, nor who comes by a way that
    // they laid, however long ago, and that nobody has come by yet.
    const hadAHand = laid ? isNew : or(isNew, and(isNotNull(accounts.decidesFrom), not(isClaimed)))
    const [before] = await tx
      .select({ by: accounts.decidesGivenBy, from: accounts.decidesFrom })
      .from(accounts)
      .where(and(eq(accounts.id, id), hadAHand))
    const giver = before && before.by !== by ? null : (by ?? null)
    // Something may have been given since that was asked for: never earlier than it counts.
    const from = new Date(Math.max(since + this.waitHours * hourMs, before?.from?.getTime() ?? 0))
    await tx.update(accounts).set({ decidesFrom: from, decidesGivenBy: giver }).where(eq(accounts.id, id))
    return from
  }

  /**
   * Another person knows whose these rights are: they count at once. `seen`: as they were then; what somebody alone gave after
   * it goes on waiting.
   */
  async count(tx: Queries, id: string, seen?: Date): Promise<void> {
    const known = seen && lte(accounts.decidesFrom, new Date(seen.getTime() + this.waitHours * hourMs))
    await tx
      .update(accounts)
      .set({ decidesFrom: null, decidesGivenBy: null })
      .where(and(eq(accounts.id, id), known))
  }

  /**
   * Throws unless this person counts as another one than whoever asked: ask it in the transaction of every decision that takes
   * two. `second_person_required` of what they asked themself, where they let in who asked and that is new, and between people
   * of the demonstration and the house's own: how demo people sign in lies in a file. `decider_too_new` of what is theirs to
   * decide later.
   */
  async require(tx: Queries, who: Pick<Caller, 'id' | 'role' | 'demo'>, asker?: string | null): Promise<void> {
    if (asker === who.id) throw new ProblemError('second_person_required')
    const own = await this.newUntil(tx, who.id)
    if (own) throw new ProblemError('decider_too_new', { decides_from: own.toISOString() })
    if (!asker) return
    const [theirs] = await tx
      .select({
        from: accounts.decidesFrom,
        by: accounts.decidesGivenBy,
        demo: accounts.demo,
        isNew: sql<boolean>`${isNew}`,
      })
      .from(accounts)
      .where(eq(accounts.id, asker))
    // Whoever asked and is gone was invented, for the demonstration or a drill: nobody else is ever deleted.
    if (!theirs || theirs.demo !== who.demo) throw new ProblemError('second_person_required')
    if (theirs.isNew && (theirs.by ? theirs.by === who.id : who.role === 'admin'))
      throw new ProblemError('second_person_required', {
        detail: `Whoever asks was let in by you, or by another system, and is new here: somebody else decides it, or you after ${theirs.from?.toISOString()}.`,
      })
  }

  /**
   * Throws `giver_involved` where somebody new has a say about whoever made them, whom they may be: about that account, and
   * about others whom the same hand let in lately. Nobody is named: about any administrator. `everybody`: what all are told.
   */
  async requireUninvolved(tx: Queries, who: Pick<Caller, 'id'>, about: readonly string[] | 'everybody'): Promise<void> {
    const [mine] = await tx
      .select({ by: accounts.decidesGivenBy, from: accounts.decidesFrom })
      .from(accounts)
      .where(and(eq(accounts.id, who.id), isNew))
    if (!mine) return
    const maker = mine.by ? eq(accounts.id, mine.by) : eq(accounts.role, 'admin')
    const sameHand = and(isNew, mine.by ? eq(accounts.decidesGivenBy, mine.by) : isNull(accounts.decidesGivenBy))
    const theirs = and(about === 'everybody' ? undefined : inArray(accounts.id, [...about]), or(maker, sameHand))
    const [one] = await tx.select({ id: accounts.id }).from(accounts).where(theirs).limit(1)
    if (one) throw new ProblemError('giver_involved', { decides_from: mine.from?.toISOString() })
  }

  /** From when on they count themself; undefined: they do. */
  async newUntil(db: Queries, id: string): Promise<Date | undefined> {
    const [found] = await db
      .select({ from: accounts.decidesFrom })
      .from(accounts)
      .where(and(eq(accounts.id, id), isNew))
    return found?.from ?? undefined
  }

  /** Somebody lifted a freeze of theirs: whoever objected by it has the whole time again. */
  async again(tx: Queries, id: string, by: string): Promise<void> {
    if (await this.newUntil(tx, id)) await this.begin(tx, id, by)
  }

  /** Until when this house gets its first desk: nobody waits before that. Undefined: it has been there for longer. */
  async youngUntil(tx: Queries): Promise<Date | undefined> {
    const ofTheHouse = and(eq(accounts.demo, false), eq(accounts.drill, false))
    const [first] = await tx
      .select({ at: min(accounts.createdAt) })
      .from(accounts)
      .where(ofTheHouse)
    const until = new Date((first?.at?.getTime() ?? Date.now()) + this.waitHours * hourMs)
    return until.getTime() > Date.now() ? until : undefined
  }
}
