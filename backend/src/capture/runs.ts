interface Trail {
  last: string
  direction: 1 | -1 | 0
  run: number
}

const remembered = 20_000

/**
 * How many customers a session opened in a row in the order of their creation, or against it: ids are UUIDv7, so they are in
 * that order. Kept in memory, a trail a session: a gateway that restarts, or sees every second request, counts fewer and never
 * too many, because a part of what is in order is in order.
 */
export class Runs {
  private readonly trails = new Map<string, Trail>()

  /** Counts the customer in. The same one again changes nothing. */
  open(session: string, customer: string): number {
    const before = this.trails.get(session)
    const trail = before ? next(before, customer) : { last: customer, direction: 0 as const, run: 1 }
    // The map keeps the order of insertion, so its first key is the one that was heard of longest ago.
    this.trails.delete(session)
    this.trails.set(session, trail)
    for (const oldest of this.trails.keys()) {
      if (this.trails.size <= remembered) break
      this.trails.delete(oldest)
    }
    return trail.run
  }
}

function next(before: Trail, customer: string): Trail {
  if (customer === before.last) return before
  const direction = customer > before.last ? 1 : -1
  const goesOn = before.direction === 0 || before.direction === direction
  return { last: customer, direction, run: goesOn ? before.run + 1 : 2 }
}
