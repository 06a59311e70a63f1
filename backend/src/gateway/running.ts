import { Injectable } from '@nestjs/common'
import type { AccessAction, EventPlace } from '@custodia/contracts'
import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Access } from './access.js'

/** How long an answer that a freeze leaves to its owner may still take to go out. */
const dueSendMs = 5000
/** Shown on a screen: one of these that is due is sent to its end. A file that is on its way is cut like everything else. */
const shown = new Set<AccessAction | undefined>(['photo_view', 'reveal'])

/** What is cut: every session's answers of an account, or those of the sessions named. */
export interface Cut {
  sessions?: readonly string[]
  /** the event that led to a freeze; what was allowed before it is due. A person's freeze has none and cuts everything. */
  cause?: EventPlace
}

/** An answer on its way out. */
export interface RunningAnswer {
  readonly session: string
  /** its account was frozen or its session ended before the first byte: ask again before sending */
  stale: boolean
  /** it is sent in spite of a freeze, but not for ever */
  finishSoon(): void
  /** it tells of its own session's end, which must not cut it */
  keep(): void
}

interface Entry extends RunningAnswer {
  readonly access: Pick<Access, 'isDue' | 'spec'>
}

/** Answers on their way out, by account, so that a freeze can cut them in the middle of a byte stream. */
@Injectable()
export class Running {
  private readonly answers = new Map<string, Map<ServerResponse, Entry>>()

  begin(access: Pick<Access, 'isDue' | 'spec' | 'who'>, answer: ServerResponse): RunningAnswer {
    const { id, session } = access.who
    const mine = this.answers.get(id) ?? new Map<ServerResponse, Entry>()
    let timer: NodeJS.Timeout | undefined
    const finishSoon = () => (timer ??= setTimeout(() => reset(answer), dueSendMs))
    const keep = () => {
      mine.delete(answer)
      if (!mine.size && this.answers.get(id) === mine) this.answers.delete(id)
    }
    const running: Entry = { session, access, stale: false, finishSoon, keep }
    this.answers.set(id, mine.set(answer, running))
    answer.once('close', () => {
      clearTimeout(timer)
      keep()
    })
    return running
  }

  /** Ends what is running for an account: what is streaming is cut, what has not begun is told why instead. Returns how many were cut. */
  cut(account: string, { sessions, cause }: Cut = {}): number {
    let cut = 0
    for (const [answer, running] of this.answers.get(account) ?? []) {
      if (sessions && !sessions.includes(running.session)) continue
      running.stale = true
      if (!answer.headersSent) continue
      if (shown.has(running.access.spec.event) && running.access.isDue(cause)) {
        running.finishSoon()
        continue
      }
      reset(answer)
      cut++
    }
    return cut
  }

  /** Everybody's, however much is owed: who cannot be told to stop later is stopped now. */
  cutAll(): void {
    for (const account of this.answers.keys()) this.cut(account)
  }
}

/** Ends an answer for good: what the kernel has taken and not sent does not go out any more either (not so under TLS). */
function reset(answer: ServerResponse): void {
  const { socket } = answer
  if (socket instanceof Socket && !(socket instanceof TLSSocket)) socket.resetAndDestroy()
  answer.destroy()
}
