import { createHmac } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import { and, eq, gt, or, sql } from 'drizzle-orm'
import { KEY_PROVIDER, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { attemptLocks, attempts, devices } from '../record-store/schema.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import { signInNameOf, type Account } from './account.js'
import { deservesLock, rules, waitOf, type Counter, type GuessedFactor, type Standing } from './attempt-rules.js'
import { lockEvent } from './attempt-locks.js'
import { networkOf, sourceOf } from './network.js'
import { Passwords } from './passwords.js'

export interface Attempt {
  factor: GuessedFactor
  access: Pick<Access, 'origin' | 'about'>
  /** as it was typed, whether somebody has it or not */
  name?: string
  /** whose it is */
  accountId?: string
}

type Scope = (typeof attempts.$inferSelect)['scope']
interface Place {
  scope: Scope
  key: Buffer
  network?: Buffer
}
const nothing: Counter = { failed: 0, ago: Infinity }
/** links and codes of 80 bits and more need no lock, which would be everybody's */
const lockable = new Set<GuessedFactor>(['password', 'totp', 'passkey', 'recovery_code'])

/**
 * Counts guesses in PostgreSQL: for every gateway, over restarts, each factor for itself. Strangers wait by (account, source),
 * by source, and are locked out of one account that is tried from many networks; a browser that has completed a sign-in as
 * this account before waits for its own failures alone. An attempt counts as failed from its beginning until `succeeded`:
 * many at once get no more tries than one after the other. Names that nobody has are treated like all others.
 */
@Injectable()
export class Attempts {
  private readonly key: Buffer

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(KEY_PROVIDER) keys: KeyProvider,
    private readonly passwords: Passwords,
    private readonly capture: CaptureService,
  ) {
    this.key = keys.hmacKey('sign-in-attempts')
  }

  /** Tries `check` for an account that is known; a failure of it counts. */
  async of<T>(
    { factor, account, access }: Pick<Attempt, 'factor' | 'access'> & { account: Pick<Account, 'id' | 'username'> },
    check: () => Promise<T>,
  ): Promise<T> {
    const attempt = { factor, access, name: account.username, accountId: account.id }
    await this.begin(attempt)
    const result = await check()
    await this.succeeded(attempt)
    return result
  }

  /** Throws `too_many_attempts` with Retry-After while this attempt must wait. */
  async begin(attempt: Attempt): Promise<void> {
    await this.store.db.transaction(async (tx) => {
      const places = await this.placesOf(tx, attempt)
      if (places[0]?.scope === 'device') attempt.access.about({ new_device: false })
      const locks = places.map(({ key }) => key.readBigInt64BE().toString()).sort()
      // What two attempts share, the second sees after the first.
      await tx.execute(sql`select pg_advisory_xact_lock(k) from unnest(${sql.param(locks)}::bigint[]) k`)
      const wait = Math.ceil(waitOf(await this.standing(tx, attempt, places)))
      if (wait > 0) throw new ProblemError('too_many_attempts', { headers: { 'retry-after': String(wait) } })
      await this.count(tx, attempt, places)
      if (places[0]?.scope === 'stranger' && lockable.has(attempt.factor)) await this.lockIfTried(tx, attempt)
    })
  }

  /** The guess was none: its own counter begins anew, and what it added elsewhere is taken back. Locks stay, and other factors. */
  async succeeded(attempt: Attempt): Promise<void> {
    const [own, ...shared] = await this.placesOf(this.store.db, attempt)
    if (own) await this.store.db.delete(attempts).where(at(attempt.factor, own))
    if (shared.length)
      await this.store.db
        .update(attempts)
        .set({ failed: sql`greatest(${attempts.failed} - 1, 0)` })
        .where(or(...shared.map((place) => at(attempt.factor, place))))
  }

  /** The counters an attempt is about, its own one first. */
  private async placesOf(tx: Queries, attempt: Attempt): Promise<Place[]> {
    const { factor, accountId = '' } = attempt
    const { origin } = attempt.access
    const [known] = await tx
      .select({ device: devices.device })
      .from(devices)
      .where(and(eq(devices.accountId, accountId), eq(devices.device, origin.device ?? '')))
    const account = this.accountKey(attempt)
    if (known) return [{ scope: 'device', key: this.hash('device', factor, account, known.device) }]
    const network = this.hash('network', networkOf(origin.ip))
    const source = sourceOf(origin.ip)
    const hour = Math.floor(Date.now() / 3_600_000)
    return [
      { scope: 'stranger', key: this.hash('stranger', factor, account, source), network },
      { scope: 'source', key: this.hash('source', factor, source, hour) },
      { scope: 'everywhere', key: this.everywhere(factor, 0) },
    ]
  }

  private async standing(tx: Queries, attempt: Attempt, places: Place[]): Promise<Standing> {
    const before: Place = { scope: 'everywhere', key: this.everywhere(attempt.factor, 1) }
    const rows = await tx
      .select({
        scope: attempts.scope,
        failed: attempts.failed,
        ago: sql<number>`extract(epoch from ${clock} - ${attempts.lastAt})::float8`,
      })
      .from(attempts)
      .where(and(or(...[...places, before].map((place) => at(attempt.factor, place))), recent))
    const [lock] = await tx
      .select({ seconds: sql<number>`extract(epoch from ${attemptLocks.until} - ${clock})::float8` })
      .from(attemptLocks)
      .where(and(eq(attemptLocks.factor, attempt.factor), eq(attemptLocks.account, this.accountKey(attempt))))
    const isStranger = places[0]?.scope === 'stranger'
    return {
      own: rows.find(({ scope }) => scope === 'stranger' || scope === 'device') ?? nothing,
      source: rows.find(({ scope }) => scope === 'source') ?? nothing,
      everywhere: rows.filter(({ scope }) => scope === 'everywhere').reduce((sum, { failed }) => sum + failed, 0),
      lockedFor: isStranger ? (lock?.seconds ?? 0) : 0,
    }
  }

  private async count(tx: Queries, attempt: Attempt, places: Place[]): Promise<void> {
    const account = this.accountKey(attempt)
    await tx
      .insert(attempts)
      .values(
        places.map(({ scope, key, network }) => ({
          factor: attempt.factor,
          scope,
          key,
          ...(network ? { account, network } : {}),
          failed: 1,
          lastAt: clock,
        })),
      )
      .onConflictDoUpdate({
        target: [attempts.factor, attempts.scope, attempts.key],
        set: { failed: sql`case when ${recent} then ${attempts.failed} + 1 else 1 end`, lastAt: clock },
      })
  }

  /** With its event as the last step: where that cannot be written down, nothing is locked, and the attempt is refused. */
  private async lockIfTried(tx: Queries, attempt: Attempt): Promise<void> {
    const account = this.accountKey(attempt)
    const [tried] = await tx
      .select({
        failed: sql<number>`coalesce(sum(${attempts.failed}), 0)::int`,
        networks: sql<number>`count(distinct ${attempts.network})::int`,
      })
      .from(attempts)
      .where(and(eq(attempts.account, account), eq(attempts.factor, attempt.factor), recent))
    if (!tried || !deservesLock(tried)) return
    const subject = attempt.accountId ?? this.passwords.actorOfUnknown(attempt.name ?? '')
    const locked = await tx
      .insert(attemptLocks)
      .values({
        factor: attempt.factor,
        account,
        subject,
        until: sql`${clock} + make_interval(mins => ${rules.lock.minutes})`,
      })
      .onConflictDoNothing()
      .returning({ until: attemptLocks.until })
    if (locked.length) await this.capture.append([lockEvent(this.capture, attempt.factor, subject, 'locked')])
  }

  private accountKey({ factor, name }: Attempt): Buffer {
    return this.hash('account', lockable.has(factor) ? signInNameOf(name ?? '') : '')
  }

  private everywhere(factor: GuessedFactor, windowsAgo: number): Buffer {
    return this.hash('everywhere', factor, Math.floor(Date.now() / 600_000) - windowsAgo)
  }

  private hash(...parts: (string | number | Buffer)[]): Buffer {
    const text = JSON.stringify(parts.map((part) => (Buffer.isBuffer(part) ? part.toString('hex') : part)))
    return createHmac('sha256', this.key).update(text).digest()
  }
}

/** Not the beginning of the transaction, which may have waited for another one. */
const clock = sql`clock_timestamp()`

/** An hour of rest, and a counter begins anew. */
const recent = gt(attempts.lastAt, sql`${clock} - interval '1 hour'`)

const at = (factor: GuessedFactor, { scope, key }: Place) =>
  and(eq(attempts.factor, factor), eq(attempts.scope, scope), eq(attempts.key, key))
