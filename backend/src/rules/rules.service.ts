import { Inject, Injectable } from '@nestjs/common'
import { RuleSet } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'
import { EVENT_LOG } from '../adapters.js'
import { ProblemError } from '../gateway/problem.js'

/** The rule set in force, as detection published it to the log. */
@Injectable()
export class RulesService {
  constructor(@Inject(EVENT_LOG) private readonly log: EventLog) {}

  async current(): Promise<RuleSet> {
    const [range] = await this.log.range('rule-sets')
    if (!range || range.end === range.start)
      throw new ProblemError('not_ready', { detail: 'Detection has not published its rules yet.' })
    let newest: RuleSet | undefined
    for await (const record of this.log.read('rule-sets', 0, range.end - 1, range.end))
      newest = RuleSet.parse(JSON.parse(Buffer.from(record.value).toString()))
    if (!newest) throw new ProblemError('not_ready')
    return newest
  }
}
