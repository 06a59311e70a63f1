import { createHmac, timingSafeEqual } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import { KEY_PROVIDER } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import { ProblemError } from '../gateway/problem.js'
import type { freezes } from '../record-store/schema.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'

const ticketMinutes = 10

/** What a frozen person hears: why, until when, whom to ask, and a ticket with which to ask. */
@Injectable()
export class FrozenService {
  private readonly key: Buffer

  constructor(
    @Inject(KEY_PROVIDER) keys: KeyProvider,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.key = keys.hmacKey('lift-request-ticket')
  }

  problem(freeze: typeof freezes.$inferSelect): ProblemError {
    return new ProblemError('account_frozen', {
      frozen_reason: freeze.reason,
      frozen_text: freeze.text ?? undefined,
      frozen_rule: freeze.rule ?? undefined,
      frozen_until: freeze.until.toISOString(),
      case_id: freeze.id,
      time_zone: this.config.timeZone,
      contact: this.config.securityContact,
      ticket: this.ticketFor(freeze.id),
    })
  }

  /** Proves for ten minutes that its holder was told about this freeze. */
  private ticketFor(freezeId: string): string {
    const claim = `${freezeId}.${Math.floor(Date.now() / 1000) + ticketMinutes * 60}`
    return `${claim}.${this.sign(claim)}`
  }

  /** The freeze a ticket is about, or `not_allowed`. */
  freezeOf(ticket: string): string {
    const [freezeId = '', expires = '', signature = ''] = ticket.split('.')
    const expected = Buffer.from(this.sign(`${freezeId}.${expires}`))
    const given = Buffer.from(signature)
    const valid =
      given.length === expected.length && timingSafeEqual(given, expected) && Number(expires) > Date.now() / 1000
    if (!valid) throw new ProblemError('not_allowed')
    return freezeId
  }

  private sign(claim: string): string {
    return createHmac('sha256', this.key).update(claim).digest('base64url')
  }
}
