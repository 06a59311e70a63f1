import { Injectable } from '@nestjs/common'
import type { ServerResponse } from 'node:http'
import type { Caller } from './caller.js'

/** An answer on its way out. */
export interface RunningAnswer {
  readonly session: string
  /** its account was frozen or its session ended before the first byte: ask again before sending */
  stale: boolean
}

/** Answers on their way out, by account, so that a freeze can cut them in the middle of a byte stream. */
@Injectable()
export class Running {
  private readonly answers = new Map<string, Map<ServerResponse, RunningAnswer>>()

  begin(caller: Pick<Caller, 'id' | 'session'>, answer: ServerResponse): RunningAnswer {
    const mine = this.answers.get(caller.id) ?? new Map<ServerResponse, RunningAnswer>()
    const running = { session: caller.session, stale: false }
    this.answers.set(caller.id, mine.set(answer, running))
    answer.once('close', () => {
      mine.delete(answer)
      if (!mine.size && this.answers.get(caller.id) === mine) this.answers.delete(caller.id)
    })
    return running
  }

  /**
   * Ends what is running for an account: every session's, or those named. What is streaming is cut; what has not begun is
   * told why instead. Returns how many were cut.
   */
  cut(account: string, sessions?: readonly string[]): number {
    let cut = 0
    for (const [answer, running] of this.answers.get(account) ?? []) {
      if (sessions && !sessions.includes(running.session)) continue
      running.stale = true
      if (!answer.headersSent) continue
      answer.destroy()
      cut++
    }
    return cut
  }
}
