import { Injectable } from '@nestjs/common'
import type { ServerResponse } from 'node:http'
import type { Caller } from './caller.js'

/** Answers on their way out, by account, so that a freeze can cut them in the middle of a byte stream. */
@Injectable()
export class Running {
  private readonly answers = new Map<string, Map<ServerResponse, string>>()

  begin(caller: Pick<Caller, 'id' | 'session'>, answer: ServerResponse): void {
    const mine = this.answers.get(caller.id) ?? new Map<ServerResponse, string>()
    this.answers.set(caller.id, mine.set(answer, caller.session))
    answer.once('close', () => {
      mine.delete(answer)
      if (!mine.size && this.answers.get(caller.id) === mine) this.answers.delete(caller.id)
    })
  }

  /** Ends what is running for an account: every session's, or those named. Returns how many were cut. */
  cut(account: string, sessions?: readonly string[]): number {
    let cut = 0
    for (const [answer, session] of this.answers.get(account) ?? []) {
      if (sessions && !sessions.includes(session)) continue
      answer.destroy()
      cut++
    }
    return cut
  }
}
