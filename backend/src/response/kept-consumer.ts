import type { Consumer } from '@custodia/streams/event-log'

const firstPauseMs = 250
const longestPauseMs = 5000

/**
 * A consumer that begins again after each failure, at what it had committed. A gateway that ended with it could not start
 * while a server is away, and would take sign-in, pages and health with it.
 */
export class KeptConsumer {
  private consumer: Consumer
  private timer?: NodeJS.Timeout
  private pauseMs = firstPauseMs
  private stopped = false

  constructor(
    private readonly open: () => Consumer,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.consumer = this.begin()
  }

  /** Something was done to its end: whatever fails next is a new failure. */
  progressed(): void {
    this.pauseMs = firstPauseMs
  }

  async stop(): Promise<void> {
    this.stopped = true
    clearTimeout(this.timer)
    await this.consumer.stop()
  }

  private begin(): Consumer {
    const consumer = this.open()
    consumer.done.catch((error: unknown) => {
      if (this.stopped) return
      this.onFailure(error)
      this.timer = setTimeout(() => (this.consumer = this.begin()), this.pauseMs)
      this.pauseMs = Math.min(this.pauseMs * 2, longestPauseMs)
    })
    return consumer
  }
}
