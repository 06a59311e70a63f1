import { DetectError } from './detect-error.js'

/**
 * Puts events, told by their numbers, that come a little out of order into order of time, equals as they came. It holds so
 * many back; what comes even later than that cannot be put right any more and ends the run.
 */
export class InOrder {
  private times: number[] = []
  private numbers: number[] = []
  private first = 0
  private released = -Infinity

  constructor(
    private readonly hold: number,
    private readonly next: (number: number) => void,
    /** asked where an event comes too late */
    private readonly lineOf: (number: number) => number,
  ) {}

  push(number: number, time: number): void {
    const { times, numbers } = this
    if (time < this.released)
      throw new DetectError(
        `line ${this.lineOf(number)}: more than ${this.hold} newer events came before this one; sort the events by time, or give \`--reorder\` a larger number`,
      )
    let at = times.length
    while (at > this.first && (times[at - 1] as number) > time) at--
    if (at === times.length) {
      times.push(time)
      numbers.push(number)
    } else {
      times.splice(at, 0, time)
      numbers.splice(at, 0, number)
    }
    if (times.length - this.first > this.hold) this.release()
  }

  end(): void {
    while (this.first < this.times.length) this.release()
  }

  private release(): void {
    const at = this.first++
    const number = this.numbers[at] as number
    this.released = this.times[at] as number
    if (this.first > 1024 && this.first * 2 > this.times.length) {
      this.times = this.times.slice(this.first)
      this.numbers = this.numbers.slice(this.first)
      this.first = 0
    }
    this.next(number)
  }
}
