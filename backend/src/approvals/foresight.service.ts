import { Inject, Injectable } from '@nestjs/common'
import { vaultRoutes, type RouteSpec } from '@custodia/contracts'
import { and, eq, inArray } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import { validate } from '../gateway/serve.js'
import type { RecordStore } from '../record-store/record-store.js'
import { customers } from '../record-store/schema.js'
import { requirePurpose } from '../vault/consent/covers.js'
import { FreeExports } from './free-exports.service.js'
import { takesApproval } from './needed.js'
import { Spending } from './spending.service.js'

const { customerReveal, customerExport } = vaultRoutes
const wishOf = ({ approval: use }: RouteSpec, { body, params }: Sent) =>
  use === 'export'
    ? validate(customerExport.body, body, 'body')
    : {
        ...validate(customerReveal.body, body, 'body'),
        customer_ids: [validate(customerReveal.params, params, 'params').id],
      }
interface Sent {
  body: unknown
  params: unknown
}
/** Ids that a refusal names. */
const named = 100

/**
 * What would be refused for want of an approval is refused before anybody proves anything for it. It reads the policy table and
 * the caller's own approvals alone, so that nothing is told of a customer without the proof; and it counts nothing, which the
 * use itself does.
 */
@Injectable()
export class Foresight {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly spending: Spending,
    private readonly freeExports: FreeExports,
  ) {}

  /** Throws `invalid_input`, `field_not_allowed`, `approval_required`, `approval_exceeded` or `purpose_required`. */
  async require(access: Access, route: RouteSpec, sent: Sent): Promise<void> {
    if (!route.approval) return
    const asked = wishOf(route, sent)
    const ids = [...new Set(asked.customer_ids)]
    const { approval_id: approval } = asked
    const fields = [...new Set(asked.fields)]
    access.about({ fields, approval_id: approval })
    if (route.approval === 'export') access.about({ count: ids.length, record_ids: ids.slice(0, named) })
    try {
      const purpose = requirePurpose(asked.purpose)
      access.about({ purpose })
      const claim = { use: route.approval, fields, purpose, customers: ids }
      const exported = route.approval === 'export' ? await this.freeExports.sum(access.who.id) : 0
      const taken = takesApproval(access.who, claim, exported)
      if (approval) await this.spending.foresee(access.who, approval, claim)
      else if (taken)
        throw new ProblemError('approval_required', {
          ...taken,
          approvals: await this.spending.fitting(access.who, claim),
        })
    } catch (problem) {
      await this.noteDecoys(access, ids)
      throw problem
    }
  }

  /** Whoever reaches for a decoy is written down as doing so, however early the answer was no. */
  private async noteDecoys(access: Access, ids: string[]): Promise<void> {
    const [found] = await this.store.db
      .select({ id: customers.id })
      .from(customers)
      .where(and(inArray(customers.id, ids), eq(customers.canary, true)))
      .limit(1)
    if (found) access.about({ canary: true })
  }
}
