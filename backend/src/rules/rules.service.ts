import { Inject, Injectable } from '@nestjs/common'
import type { RuleSet } from '@custodia/contracts'
import { newestRuleSet } from '@custodia/streams/detection'
import type { EventLog } from '@custodia/streams/event-log'
import { EVENT_LOG } from '../adapters.js'
import { ProblemError } from '../gateway/problem.js'

/** The rule set in force, as detection published it to the log. */
@Injectable()
export class RulesService {
  constructor(@Inject(EVENT_LOG) private readonly log: EventLog) {}

  async current(): Promise<RuleSet> {
    const newest = await newestRuleSet(this.log)
    if (!newest) throw new ProblemError('not_ready', { detail: 'Detection has not published its rules yet.' })
    return newest
  }
}
