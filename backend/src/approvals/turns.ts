/**
 * One after the other by name, before any of them takes a connection: if they waited for a row or a lock alone, one person's
 * hundred requests would hold every connection that the others need. Between gateways the database decides.
 */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>()

  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.last.get(name) ?? Promise.resolve()).catch(() => undefined).then(work)
    this.last.set(name, mine)
    try {
      return await mine
    } finally {
      if (this.last.get(name) === mine) this.last.delete(name)
    }
  }
}
