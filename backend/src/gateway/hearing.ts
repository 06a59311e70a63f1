import { Inject, Injectable } from '@nestjs/common'
import { CONFIG, type Config } from '../config.js'
import { ProblemError } from './problem.js'

/** Whether this gateway hears of freezes. Who listens says so again and again; after a while without, nothing protected is served. */
@Injectable()
export class Hearing {
  /** absent until somebody listens: a gateway takes no request before that */
  private surelyAt?: number

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Everything that was said by then has been heard (on the clock of this process, which nobody sets). */
  heardUntil(moment: number): void {
    this.surelyAt = Math.max(this.surelyAt ?? moment, moment)
  }

  get lost(): boolean {
    return this.surelyAt !== undefined && performance.now() - this.surelyAt > this.config.hearingTimeoutMs
  }

  /** Throws `out_of_touch`. */
  require(): void {
    if (this.lost) throw new ProblemError('out_of_touch', { headers: { 'retry-after': '1' } })
  }
}
