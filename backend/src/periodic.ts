/**
 * Work of a process that comes again and again: one run at a time, and what fails is told and done at the next turn. A turn
 * that finds a run under way passes; a kick that does is not lost, it runs once more.
 */
export class Periodic {
  private timer?: NodeJS.Timeout
  private running?: Promise<void>
  private again = false
  private isStopped = false

  constructor(
    private readonly work: () => Promise<unknown>,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** For runs that are long enough to be left in the middle. */
  get stopped(): boolean {
    return this.isStopped
  }

  start(everyMs: number): void {
    this.timer = setInterval(() => {
      if (!this.running) this.kick()
    }, everyMs)
  }

  kick(): void {
    if (this.isStopped) return
    this.again = true
    this.running ??= this.run()
  }

  /** Waits for the run that is under way. */
  async stop(): Promise<void> {
    this.isStopped = true
    clearInterval(this.timer)
    await this.running
  }

  private async run(): Promise<void> {
    while (this.again && !this.isStopped) {
      this.again = false
      await this.work().catch(this.onFailure)
    }
    this.running = undefined
  }
}
