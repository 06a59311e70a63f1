import type { OwnedPartition } from '../../event-log/index.js'

/**
 * Marks batches as done a little later than they are, so that a held access never waits for somebody else's commit. What a
 * crash repeats meanwhile has the same ids and does no harm.
 */
export class Committer {
  private next?: number
  private timer?: NodeJS.Timeout
  private failure?: { error: unknown }

  constructor(
    private readonly partition: OwnedPartition,
    private readonly delayMs: number,
  ) {}

  /** everything before `next` is done; throws what an earlier commit failed with */
  done(next: number): void {
    if (this.failure) throw this.failure.error
    this.next = next
    this.timer ??= setTimeout(() => {
      this.flush().catch((error: unknown) => {
        if (!this.partition.signal.aborted) this.failure = { error }
      })
    }, this.delayMs)
  }

  async flush(): Promise<void> {
    clearTimeout(this.timer)
    this.timer = undefined
    const { next } = this
    this.next = undefined
    if (next !== undefined) await this.partition.commit(next)
  }
}
