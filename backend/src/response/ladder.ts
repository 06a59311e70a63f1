import { Inject, Injectable } from '@nestjs/common'
import type { AccessEvent, Alert, Freeze, MeasureKind, Response } from '@custodia/contracts'
import type { Logger } from 'pino'
import { LOGGER } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { ProblemError } from '../gateway/problem.js'
import type { Queries } from '../record-store/record-store.js'
import { findAccount } from './account-lock.js'
import { FreezesService } from './freezes.service.js'
import { Guard } from './guard.js'
import { MeasuresService } from './measures.service.js'

/** How long a step lasts when the rule does not say. */
const standardSeconds = 3600

/** What was done for an alert: its events, to be appended as the last step, and the freeze that is in force now. */
export interface Climbed {
  events: AccessEvent[]
  freeze?: Freeze
}

/**
 * Puts on an account what an alert asks for: notify → step_up → throttle → mask → block → freeze. `alert` and `notify` change
 * nothing of the account. Every step is an event with its rule, version and reason.
 */
@Injectable()
export class Ladder {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly guard: Guard,
    private readonly freezes: FreezesService,
    private readonly measures: MeasuresService,
    private readonly capture: CaptureService,
  ) {}

  /** In the transaction that takes up the alert. */
  async climb(tx: Queries, alert: Alert): Promise<Climbed> {
    const { actor } = alert
    const done: Climbed = { events: [] }
    if (alert.mode !== 'live' || !alert.may_freeze || !actor || !alert.respond.some(({ do: step }) => acts(step)))
      return done
    // An outside account has nothing here that could be frozen.
    const account = await findAccount(tx, actor)
    if (!account || !(await this.guard.lets(tx, alert, account))) return done
    for (const { do: step, for_seconds: seconds = standardSeconds } of alert.respond) {
      if (!acts(step)) continue
      if (step === 'freeze') {
        done.freeze = await this.freeze(tx, alert, actor, seconds)
        if (done.freeze) done.events.push(this.event('freeze', alert, actor))
      } else if (await this.measures.byAlert(tx, alert, actor, step, seconds))
        done.events.push(this.event('restrict', alert, actor, step))
    }
    return done
  }

  private async freeze(tx: Queries, alert: Alert, actor: string, seconds: number): Promise<Freeze | undefined> {
    try {
      return await this.freezes.byAlert(tx, alert, actor, seconds)
    } catch (error) {
      // The last administrator: the alert stands, the desk decides.
      if (!(error instanceof ProblemError)) throw error
      this.logger.warn({ code: error.code, alert: alert.id }, 'freeze not carried out')
      return undefined
    }
  }

  private event(action: 'freeze' | 'restrict', alert: Alert, subject: string, step?: string): AccessEvent {
    return this.capture.build(action, 'granted', {
      actor: 'system',
      subject,
      record_id: alert.id,
      fields: step ? [step] : undefined,
      reason: `${alert.rule} ${alert.rule_version}: ${alert.title}`.slice(0, 500),
      demo: alert.demo,
      drill: alert.drill,
    })
  }
}

/** `alert` and `notify` are done by whoever reads the alert. */
const acts = (step: Response['do']): step is 'freeze' | MeasureKind => step !== 'alert' && step !== 'notify'
