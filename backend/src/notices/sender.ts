import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import type { Logger } from 'pino'
import { LOGGER } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import { Periodic } from '../periodic.js'
import { quietUntil } from './decide.js'
import { Deliveries, type Claim } from './deliveries.js'
import { Mouth } from './mouth.js'
import type { Outcome } from './outcome.js'

const everyMs = 2000
const forgetEveryMs = 3_600_000

/**
 * Sends what is due. Every gateway does; a delivery belongs to who claimed it. Each channel is worked on by itself, so that one
 * that hangs keeps nobody else waiting, and one that fails is left alone until the next round.
 */
@Injectable()
export class Sender implements OnModuleInit, OnModuleDestroy {
  private readonly working = new Map<string, Promise<void>>()
  /** channels that something came for while they were worked on */
  private readonly more = new Set<string>()
  private readonly looks = new Periodic(
    () => this.look(),
    (error) => this.logger.warn({ err: error }, 'notices: trying again'),
  )
  private forgotAt = Date.now()

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly deliveries: Deliveries,
    private readonly mouth: Mouth,
  ) {}

  onModuleInit(): void {
    this.looks.start(everyMs)
  }

  async onModuleDestroy(): Promise<void> {
    await this.looks.stop()
    await Promise.all(this.working.values())
  }

  /** Something may be due. */
  kick(): void {
    this.looks.kick()
  }

  private async look(): Promise<void> {
    for (const channel of await this.deliveries.channelsDue()) this.workOn(channel)
    if (Date.now() - this.forgotAt <= forgetEveryMs) return
    this.forgotAt = Date.now()
    await this.deliveries.forget()
  }

  private workOn(channel: string): void {
    if (this.working.has(channel)) return void this.more.add(channel)
    const work = this.drain(channel)
      .catch((error: unknown) => this.logger.warn({ err: error }, 'notices: trying again'))
      .finally(() => {
        this.working.delete(channel)
        if (this.more.delete(channel) && !this.looks.stopped) this.workOn(channel)
      })
    this.working.set(channel, work)
  }

  private async drain(channel: string): Promise<void> {
    while (!this.looks.stopped) {
      const claim = await this.deliveries.claim(channel)
      if (!claim || !(await this.handle(claim))) return
    }
  }

  /** Whether to go on with this channel. */
  private async handle(claim: Claim): Promise<boolean> {
    const { settings } = claim.channel
    const until = quietUntil(settings.quiet, claim.notice.severity, this.config.timeZone, new Date())
    if (until) await this.deliveries.postpone(claim, until)
    else if (await this.deliveries.isAcknowledged(claim)) await this.deliveries.notNeeded(claim)
    else return (await this.say(claim)).kind === 'delivered'
    return true
  }

  /** One attempt, whatever the hour. */
  async say(claim: Claim): Promise<Outcome> {
    const { delivery, notice, channel } = claim
    const outcome = await this.mouth.say(channel, { id: delivery.id, notice, repeats: delivery.repeats })
    await this.deliveries.settle(claim, outcome)
    return outcome
  }
}
