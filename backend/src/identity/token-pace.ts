import { Inject, Injectable } from '@nestjs/common'
import { CONFIG, type Config } from '../config.js'
import { ProblemError } from '../gateway/problem.js'

/** Kept for so many tokens; then the ones that have rested are forgotten. */
const mostTokens = 5000

interface Bucket {
  left: number
  at: number
}

/** How often a token may be used: as many requests at once as a minute's worth, at each gateway. */
@Injectable()
export class TokenPace {
  private readonly buckets = new Map<string, Bucket>()
  private readonly perMinute: number

  constructor(@Inject(CONFIG) config: Config) {
    this.perMinute = config.tokensPerMinute
  }

  /** Throws `too_many_attempts` with Retry-After. */
  take(id: string, now = Date.now()): void {
    const bucket = this.buckets.get(id) ?? { left: this.perMinute, at: now }
    const left = Math.min(this.perMinute, bucket.left + ((now - bucket.at) * this.perMinute) / 60_000)
    if (left < 1)
      throw new ProblemError('too_many_attempts', {
        headers: { 'retry-after': String(Math.ceil(((1 - left) * 60) / this.perMinute)) },
      })
    if (this.buckets.size >= mostTokens) this.forgetRested(now)
    this.buckets.set(id, { left: left - 1, at: now })
  }

  private forgetRested(now: number): void {
    for (const [id, { at }] of this.buckets) if (now - at > 60_000) this.buckets.delete(id)
  }
}
