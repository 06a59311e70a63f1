/** What a test saw so far, and a promise of what it waits for: no clock, no polling. Jest's timeout is the bound. */
export class Seen<T> {
  readonly all: T[] = []
  readonly #waiting = new Set<() => void>()

  add(...items: T[]): void {
    this.all.push(...items)
    for (const look of [...this.#waiting]) look()
  }

  /** resolves once `enough` holds of what was seen */
  async until(enough: (all: T[]) => boolean): Promise<T[]> {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!enough(this.all)) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
    return this.all
  }

  count(n: number): Promise<T[]> {
    return this.until((all) => all.length >= n)
  }
}
