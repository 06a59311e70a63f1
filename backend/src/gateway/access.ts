import type { AccessEvent, EventPlace, ProblemCode, RouteSpec } from '@custodia/contracts'
import type { AccessFacts, CaptureService } from '../capture/capture.service.js'
import type { Caller, Origin } from './caller.js'
import { joinRelations } from './relations.js'
import { may, type OwnedRecord } from './policy.js'
import { ProblemError } from './problem.js'

/** Statuses that mean "we would not": written down as refused. Everything else that ends badly is `failed`. */
const refusals = new Set([401, 403, 423, 429])
/** A sign-in with a wrong proof is an attempt that failed; one that proved who it was, and was not let in, is refused. */
const failures = new Set<ProblemCode>(['bad_credentials', 'too_many_attempts', 'sign_in_over', 'provider_answer_wrong'])

/**
 * One request on its way through the gateway. A room says what the access is about (`about`), then writes it down
 * (`grant`, or `hold` for accesses that wait for a verdict) before it lets go of a byte. The interceptor refuses to answer
 * for a room that did not; the problem filter writes down the refusals.
 */
export class Access {
  private facts: AccessFacts = {}
  private written?: AccessEvent
  /** where a held access stands, once its verdict allowed it */
  private allowedAt?: EventPlace

  constructor(
    readonly spec: RouteSpec,
    readonly origin: Origin,
    private readonly capture: CaptureService,
    private person?: Caller,
  ) {}

  /** The signed-in person. Routes behind a door always have one. */
  get who(): Caller {
    if (!this.person) throw new ProblemError('not_signed_in')
    return this.person
  }

  get known(): boolean {
    return this.person !== undefined
  }

  /** A strategy found out who this is. */
  identify(person: Caller): void {
    this.person = person
  }

  get event(): AccessEvent | undefined {
    return this.written
  }

  /** A step of its own within this request, by the same person: with an event of its own. */
  another(): Access {
    return new Access(this.spec, this.origin, this.capture, this.person)
  }

  /** What is known so far; a refusal after this point carries it. */
  about(facts: AccessFacts): this {
    this.facts = { ...this.facts, ...facts }
    return this
  }

  /** The route's permission, or another one that stands in for it, on this very record. */
  require(object: OwnedRecord, needs = this.spec.needs): void {
    if (object.canary) this.about({ canary: true })
    if (object.relation) this.about({ relation: joinRelations(this.facts.relation, object.relation) })
    // of one customer; many have many
    if (this.facts.customer_id) this.about({ segment: object.businessType })
    if (!needs || !may(this.who, needs, object)) throw new ProblemError('not_allowed')
  }

  /** Durable when it resolves; nothing of the record may leave before. */
  async grant(facts: AccessFacts = {}): Promise<AccessEvent> {
    const event = this.about(facts).build('granted')
    await this.capture.append([event], this.origin)
    return (this.written = event)
  }

  /** Durable and allowed when it resolves. `parts` are appended before it, in the same order (see exports). */
  async hold(facts: AccessFacts = {}, parts: (header: AccessEvent) => AccessEvent[] = () => []): Promise<AccessEvent> {
    const event = this.about(facts).build('held')
    this.allowedAt = await this.capture.appendHeld(
      [...parts(event), event],
      event,
      () => (this.written = event),
      this.origin,
    )
    return event
  }

  /** Allowed before the event that led to a freeze happened: it is still owed to the person, and nothing after it is. */
  isDue(cause: EventPlace | null | undefined): boolean {
    const { allowedAt } = this
    return !!cause && allowedAt?.partition === cause.partition && allowedAt.offset < cause.offset
  }

  /** Allowed, and not served after all: from now on its final outcome says so. */
  async takeBack(): Promise<void> {
    if (!this.allowedAt || !this.written) return
    this.allowedAt = undefined
    await this.capture.notServed(this.written)
  }

  /** The transaction that ended with this event was rolled back: what was written down has not happened, and the log says so. */
  async undo(): Promise<void> {
    if (!this.written) return
    await this.capture.append([{ ...this.build('failed'), reason: 'rolled_back' }], this.origin)
    this.written = undefined
  }

  /** Writes down that this was asked for and not given. */
  async refuse(problem: Pick<ProblemError, 'code' | 'status'>): Promise<AccessEvent> {
    const refused = refusals.has(problem.status) && !failures.has(problem.code)
    const event = this.about({ reason: problem.code }).build(refused ? 'refused' : 'failed')
    await this.capture.append([event], this.origin)
    return (this.written = event)
  }

  /** A part of a larger access: same person and place, its own facts. */
  part(header: AccessEvent, facts: AccessFacts): AccessEvent {
    return { ...this.build('held'), ...facts, part_of: header.id, count: undefined, bytes: undefined }
  }

  private build(outcome: AccessEvent['outcome']): AccessEvent {
    if (!this.spec.event) throw new Error(`${this.spec.method} ${this.spec.path} writes no event`)
    return this.capture.build(this.spec.event, outcome, this.facts, this.origin, this.person)
  }
}
