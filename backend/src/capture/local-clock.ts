import { IANAZone } from 'luxon'

const dayMs = 86_400_000
const minuteMs = 60_000

/** Two changes of a zone's clock lie further apart. */
const quietMs = 4 * dayMs

/**
 * The clock of a time zone about one stretch of time, of a day or two. What it shows is counted like an instant, in milliseconds
 * since it showed the beginning of 1970.
 */
export class LocalClock {
  private readonly zone: IANAZone
  /** where it is not changed about then: asking the zone costs much more than everything else */
  private readonly steady: number | undefined

  constructor(zone: string, from: number, to: number) {
    this.zone = IANAZone.create(zone)
    const [before, after] = [this.offset(from - quietMs), this.offset(to + quietMs)]
    if (before === after) this.steady = before
  }

  /** The first instant at which it shows this or something later; in an hour that is skipped, the moment of the change. */
  first(shown: number): number {
    const [before, after] = this.offsetsAbout(shown)
    return this.valid(shown, before) ?? this.valid(shown, after) ?? this.change(shown - after, shown - before)
  }

  /** The first instant from which on it shows nothing earlier: of an hour that it shows twice, the second one. */
  last(shown: number): number {
    const [before, after] = this.offsetsAbout(shown)
    return this.valid(shown, after) ?? this.valid(shown, before) ?? this.change(shown - after, shown - before)
  }

  private offset(instant: number): number {
    return this.steady ?? this.zone.offset(instant) * minuteMs
  }

  /** A day earlier and a day later: no zone is as far from UTC. */
  private offsetsAbout(shown: number): [number, number] {
    return [this.offset(shown - dayMs), this.offset(shown + dayMs)]
  }

  private valid(shown: number, offset: number): number | undefined {
    return this.offset(shown - offset) === offset ? shown - offset : undefined
  }

  /** When it was changed: the first instant of the new time, which lies after `from` and not after `to`. */
  private change(from: number, to: number): number {
    const old = this.offset(from)
    let [before, after] = [from, to]
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (this.offset(middle) === old) before = middle
      else after = middle
    }
    return after
  }
}
