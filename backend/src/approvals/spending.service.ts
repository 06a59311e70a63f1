import { Inject, Injectable } from '@nestjs/common'
import { and, count, eq, gt, inArray, isNull, lte, ne, not, or, sql } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import type { Caller } from '../gateway/caller.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { approvalCustomers, approvals, approvalUses } from '../record-store/schema.js'
import { findApprovals, frozenSince, lateReview, type ApprovalRow, type FoundApproval } from './approval-row.js'
import { Turns } from './turns.js'

/** What a use asks of an approval. */
export interface Claim {
  use: ApprovalRow['use']
  fields: ApprovalRow['fields']
  purpose: string
  customers: readonly string[]
}

/** Uses of approvals: each counts against its approval in the very transaction in which its access is granted. */
@Injectable()
export class Spending {
  private readonly turns = new Turns()

  constructor(@Inject(RECORD_STORE) private readonly store: RecordStore) {}

  /** Uses of one approval, one after the other. */
  async spend(access: Access, id: string, claim: Claim, hold: (tx: Queries) => Promise<void>): Promise<void> {
    await this.turns.take(`${access.who.id}/${id}`, () => this.spendNow(access, id, claim, hold))
  }

  /** Counts the use, holds the access and commits: what is refused, expired or rolled back has not counted and is not served. */
  private async spendNow(
    access: Access,
    id: string,
    claim: Claim,
    hold: (tx: Queries) => Promise<void>,
  ): Promise<void> {
    access.about({ approval_id: id })
    try {
      await this.store.db.transaction(async (tx) => {
        await this.claim(tx, access, id, claim)
        await hold(tx)
        await tx.insert(approvalUses).values({
          eventId: access.event?.id ?? '',
          approvalId: id,
          count: claim.customers.length,
          fields: claim.fields,
          customerId: claim.customers.length === 1 ? claim.customers[0] : null,
        })
      })
    } catch (error) {
      await access.takeBack()
      throw error
    }
  }

  /** Throws what this use would be refused with as things stand, and counts nothing. */
  async foresee(who: Caller, id: string, claim: Claim): Promise<void> {
    const found = await this.find(this.store.db, who, id)
    requireLeft(found, claim.customers.length)
    const beyond = await this.beyond(this.store.db, found.row, claim)
    if (beyond) throw exceeded(beyond)
  }

  /** Approvals of this person's own that this use would fit, the first to end first. */
  async fitting({ id }: Caller, { use, fields, purpose, customers: asked }: Claim): Promise<string[]> {
    const named = this.store.db
      .select({ n: count() })
      .from(approvalCustomers)
      .where(and(eq(approvalCustomers.approvalId, approvals.id), inArray(approvalCustomers.customerId, [...asked])))
    const rows = await this.store.db
      .select({ id: approvals.id })
      .from(approvals)
      .where(
        and(
          usableBy(id, asked.length),
          eq(approvals.use, use),
          eq(approvals.purpose, purpose),
          sql`${approvals.fields} @> ${JSON.stringify(fields)}::jsonb`,
          sql`(${named}) = ${asked.length}`,
        ),
      )
      .orderBy(approvals.until)
      .limit(5)
    return rows.map((row) => row.id)
  }

  private async claim(tx: Queries, { who }: Access, id: string, claim: Claim): Promise<void> {
    const n = claim.customers.length
    const taken = await tx
      .update(approvals)
      .set({ used: sql`${approvals.used} + ${n}` })
      .where(and(eq(approvals.id, id), usableBy(who.id, n)))
      .returning()
    const [row] = taken
    if (!row) {
      requireLeft(await this.find(tx, who, id), n)
      throw exceeded('count')
    }
    const beyond = await this.beyond(tx, row, claim)
    if (beyond) throw exceeded(beyond)
  }

  /** What of the use the scope does not hold. */
  private async beyond(db: Queries, row: ApprovalRow, claim: Claim): Promise<string | undefined> {
    if (row.use !== claim.use) return 'use'
    if (row.purpose !== claim.purpose) return 'purpose'
    if (claim.fields.some((field) => !row.fields.includes(field))) return 'field'
    const [named] = await db
      .select({ n: count() })
      .from(approvalCustomers)
      .where(and(eq(approvalCustomers.approvalId, row.id), inArray(approvalCustomers.customerId, [...claim.customers])))
    return named?.n === claim.customers.length ? undefined : 'customer'
  }

  private async find(db: Queries, who: Caller, id: string): Promise<FoundApproval> {
    const [found] = await findApprovals(db, who, and(eq(approvals.id, id), eq(approvals.requester, who.id)))
    if (!found) throw new ProblemError('not_found')
    return found
  }
}

/** This person's own, approved, neither ended nor over, with so much left. */
const usableBy = (requester: string, n: number) =>
  and(
    eq(approvals.requester, requester),
    eq(approvals.decision, 'approve'),
    isNull(approvals.endedAt),
    gt(approvals.until, sql`now()`),
    lte(sql`${approvals.used} + ${n}`, approvals.most),
    not(frozenSince),
    or(ne(approvals.kind, 'break_glass'), not(lateReview)),
  )

/** Why there is nothing left to use. */
const spent = ({ state, row }: FoundApproval, n: number): string | undefined => {
  if (state === 'approved') return row.used + n > row.most ? 'count' : undefined
  return state === 'used_up' ? 'count' : state === 'expired' ? 'period' : state
}

const requireLeft = (found: FoundApproval, n: number): void => {
  const beyond = spent(found, n)
  if (beyond) throw exceeded(beyond)
  if (found.suspended) throw new ProblemError('emergency_unreviewed')
}

const exceeded = (beyond: string) => new ProblemError('approval_exceeded', { beyond })
