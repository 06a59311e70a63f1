import { Inject, Injectable } from '@nestjs/common'
import { routes, type Measure, type MeasureKind, type RouteSpec } from '@custodia/contracts'
import { and, eq, sql } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { Foresight } from '../approvals/foresight.service.js'
import { isAboutCustomers } from '../gateway/policy.js'
import { ProblemError } from '../gateway/problem.js'
import type { GatewayRequest } from '../gateway/serve.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { SessionsService, type SessionCaller } from './sessions.service.js'
import { StepUpsService } from './step-ups.service.js'

/** A throttled person may do so many things at once, and then one each so many seconds: whatever gateway they ask. */
const burst = 5
const secondsEach = 10

/** What the measures on an account mean for a request of it. `mask` is not here: it changes what is shown, not whether. */
@Injectable()
export class Restrictions {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly stepUps: StepUpsService,
    private readonly foresight: Foresight,
    private readonly sessions: SessionsService,
  ) {}

  /** Throws `access_blocked`, `slowed_down`, what the approval lacks, `step_up_required`, or `enrolment_required` where there is nothing to prove with. */
  async require(caller: SessionCaller, route: RouteSpec, request: GatewayRequest): Promise<void> {
    const stepUp = await this.requireMeasures(caller, route)
    // Before the first factor is enrolled there is nothing to prove with.
    // A program cannot: its token was made with a proof, for what its scopes say.
    const wanted = wantsProof(route, request.body) && caller.level === 'full' && !caller.scopes
    if (!stepUp && !wanted) return
    if (!(await this.sessions.hasSecondFactor(caller))) return requireEnrolment(caller, route)
    await this.foresight.require(request.access, route, request)
    await this.stepUps.require(caller, request, stepUp && told(stepUp))
  }

  /** The measure, where one asks for a fresh proof. */
  private async requireMeasures(caller: SessionCaller, route: RouteSpec): Promise<Measure | undefined> {
    if (!caller.measures.length || !isAboutCustomers(route)) return undefined
    const blocked = caller.measures.find(({ kind, action }) => kind === 'block' && action === route.event)
    if (blocked) throw new ProblemError('access_blocked', told(blocked))
    const throttle = measureOf(caller, 'throttle')
    if (throttle && route.event !== 'photo_thumbnail') await this.slowDown(caller.id, throttle)
    return route.held ? measureOf(caller, 'step_up') : undefined
  }

  /** The moment when the next access would be on time moves on with each; too far ahead of now, it is refused and does not move. */
  private async slowDown(id: string, throttle: Measure): Promise<void> {
    const onTime = sql`greatest(${accounts.throttledAt}, now())`
    const moved = await this.store.db
      .update(accounts)
      .set({ throttledAt: sql`${onTime} + make_interval(secs => ${secondsEach})` })
      .where(and(eq(accounts.id, id), sql`${onTime} <= now() + make_interval(secs => ${(burst - 1) * secondsEach})`))
      .returning({ id: accounts.id })
    if (!moved.length)
      throw new ProblemError('slowed_down', { ...told(throttle), headers: { 'retry-after': String(secondsEach) } })
  }
}

const firstFactors: readonly RouteSpec[] = [routes.totpBegin, routes.passkeyBegin]
const freshMs = 10 * 60_000

/**
 * Of whom a provider's second factor let in, and who has none of ours: the first one is added while that proof is fresh, and
 * what takes a proof waits for it. Later somebody else may sit at the desk.
 */
function requireEnrolment({ began }: SessionCaller, route: RouteSpec): void {
  if (!firstFactors.includes(route)) throw new ProblemError('enrolment_required')
  if (Date.now() - began.at.getTime() > freshMs) throw new ProblemError('not_signed_in')
}

/** What is no list of fields is refused by the route itself. */
const wantsProof = ({ stepUp }: RouteSpec, body: unknown): boolean => {
  if (typeof stepUp !== 'object') return stepUp === true
  if ('keys' in stepUp) return stepUp.keys.some((key) => Object.hasOwn((body ?? {}) as object, key))
  const { fields } = (body ?? {}) as { fields?: unknown }
  return Array.isArray(fields) && stepUp.fields.some((field) => fields.includes(field))
}

const measureOf = (caller: SessionCaller, kind: MeasureKind): Measure | undefined =>
  caller.measures.find((measure) => measure.kind === kind)

const told = ({ rule, until }: Measure) => ({ rule, until })
