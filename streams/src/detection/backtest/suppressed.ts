import type { GroupEnd } from '../sql/index.js'
import { BacktestTooLarge } from './too-large.js'

/** The next statement is told of so many: as far as its text may go. */
const MOST = 40_000

/** Groups that have fired, for as long as that matters to the next stretch. */
export class Suppressed {
  private groups = new Map<string, GroupEnd>()

  constructor(private readonly suppressMs: number) {}

  /** An account whose freeze was lifted in between has begun afresh: what came last counts. */
  add({ key, last, last_pos, certain, alerted }: GroupEnd): void {
    const before = this.groups.get(key)
    if (!before || last > before.last || (last === before.last && last_pos >= before.last_pos))
      this.groups.set(key, { key, last, last_pos, certain, alerted })
  }

  /** Those that may still be suppressed then. */
  at(since: number): GroupEnd[] {
    this.groups = new Map([...this.groups].filter(([, { last }]) => last + this.suppressMs > since))
    if (this.groups.size > MOST)
      throw new BacktestTooLarge(
        `more than ${MOST} groups are suppressed where one part of the period ends and the next begins: take a shorter period, or a shorter \`suppress\``,
      )
    return [...this.groups.values()]
  }
}
