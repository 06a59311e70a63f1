import { Injectable, type OnModuleDestroy } from '@nestjs/common'
import { TookTooLong, Workshop, type WhatChanges } from '@custodia/streams/detection/workshop'
import type { RuleFile } from '@custodia/contracts'
import { ProblemError } from '../gateway/problem.js'

/** Rules are compiled beside the thread that serves accesses. */
@Injectable()
export class RuleWorkshop extends Workshop implements OnModuleDestroy {
  onModuleDestroy(): void {
    this.close()
  }

  async changes(inForce: readonly RuleFile[], text: RuleFile): Promise<WhatChanges> {
    return this.ask('changes', inForce, text).catch((error: unknown) => {
      if (error instanceof TookTooLong)
        throw new ProblemError('rule_not_usable', { detail: error.message, detail_zh: '耗时过长' })
      throw error
    })
  }

  /** Refuses a text with a problem, telling the first. */
  async usable(inForce: readonly RuleFile[], text: RuleFile): Promise<WhatChanges> {
    const found = await this.changes(inForce, text)
    const [problem] = found.problems
    if (!problem) return found
    const { file, line, reason, reason_zh: zh = reason } = problem
    const place = line === undefined ? '' : `${file}:${line}: `
    throw new ProblemError('rule_not_usable', { detail: `${place}${reason}`, detail_zh: `${place}${zh}` })
  }
}
