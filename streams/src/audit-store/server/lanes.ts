import { engineError } from './engine-error.js'

/**
 * A bounded number of statements run at once; a bounded number wait; the rest are refused as a ClickHouse server would.
 * Reads and writes have lanes of their own, so that heavy reports never keep an insert waiting.
 */
export class Lanes {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(
    width: number,
    private readonly maxWaiting: number,
  ) {
    this.#free = width
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    await this.#enter()
    try {
      return await task()
    } finally {
      this.#leave()
    }
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free--
      return
    }
    if (this.#waiting.length >= this.maxWaiting) {
      throw engineError(202, 'Too many simultaneous queries. (TOO_MANY_SIMULTANEOUS_QUERIES)')
    }
    await new Promise<void>((admit) => this.#waiting.push(admit))
  }

  /** The place goes straight to whoever waits longest. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }
}
