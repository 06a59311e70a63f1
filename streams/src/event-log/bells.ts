/**
 * Wakes readers in this process. A reader takes the count of a bell, looks for work, and only then waits for the count to
 * pass what it took: a ring between looking and waiting is never lost.
 */
export class Bells {
  readonly #counts = new Map<string, number>()
  readonly #waiting = new Map<string, Set<() => void>>()
  #all = 0

  count(name: string): number {
    return (this.#counts.get(name) ?? 0) + this.#all
  }

  ring(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
    this.#release(name)
  }

  ringAll(): void {
    this.#all++
    for (const name of [...this.#waiting.keys()]) this.#release(name)
  }

  /** resolves once the bell was rung after `taken` was counted, or `signal` is aborted */
  async rung(name: string, taken: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.count(name) > taken) return
    await new Promise<void>((resolve) => {
      const waiting = this.#waiting.get(name) ?? new Set()
      this.#waiting.set(name, waiting)
      const wake = () => {
        waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      waiting.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }

  #release(name: string): void {
    for (const wake of [...(this.#waiting.get(name) ?? [])]) wake()
  }
}
