import { DetectError } from './detect-error.js'

/**
 * Puts what comes a little out of order into order of time, equals as they came. It holds so many back; what comes even later
 * than that cannot be put right any more and ends the run.
 */
export class InOrder<T extends { time: number; line: number }> {
  private held: T[] = []
  private first = 0
  private released = -Infinity

  constructor(
    private readonly hold: number,
    private readonly next: (item: T) => void,
  ) {}

  push(item: T): void {
    const { held } = this
    if (item.time < this.released)
      throw new DetectError(
        `line ${item.line}: more than ${this.hold} newer events came before this one; sort the events by time, or give \`--reorder\` a larger number`,
      )
    let at = held.length
    while (at > this.first && (held[at - 1] as T).time > item.time) at--
    if (at === held.length) held.push(item)
    else held.splice(at, 0, item)
    if (held.length - this.first > this.hold) this.release()
  }

  end(): void {
    while (this.first < this.held.length) this.release()
  }

  private release(): void {
    const item = this.held[this.first++] as T
    this.released = item.time
    if (this.first > 1024 && this.first * 2 > this.held.length) {
      this.held = this.held.slice(this.first)
      this.first = 0
    }
    this.next(item)
  }
}
