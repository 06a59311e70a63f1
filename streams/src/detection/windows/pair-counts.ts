const WIDTH = 4 // window, value, count, and one to spare: a place is found by a shift

/** How often each value stands in each window, for all windows of a rule in one table of numbers. */
export class PairCounts {
  private cells = new Int32Array(16 * WIDTH)
  private size = 0

  /** true when the window has the value for the first time */
  add(window: number, value: number): boolean {
    const at = this.find(window, value)
    const count = this.cells[at + 2] as number
    this.cells[at + 2] = count + 1
    if (count > 0) return false
    this.cells[at] = window
    this.cells[at + 1] = value
    if (++this.size * WIDTH * 2 > this.cells.length) this.grow()
    return true
  }

  /** true when the window has the value no more */
  remove(window: number, value: number): boolean {
    const at = this.find(window, value)
    const count = (this.cells[at + 2] as number) - 1
    this.cells[at + 2] = count
    if (count > 0) return false
    this.size--
    this.closeGap(at)
    return true
  }

  get bytes(): number {
    return this.cells.byteLength
  }

  /** where the pair stands, or would */
  private find(window: number, value: number): number {
    const { cells } = this
    const mask = cells.length - 1
    for (let at = homeOf(window, value) & mask; ; at = (at + WIDTH) & mask)
      if (cells[at + 2] === 0 || (cells[at] === window && cells[at + 1] === value)) return at
  }

  /** moves up those that stand behind their home because this place was taken */
  private closeGap(gap: number): void {
    const { cells } = this
    const mask = cells.length - 1
    let hole = gap
    for (let at = (gap + WIDTH) & mask; cells[at + 2] !== 0; at = (at + WIDTH) & mask) {
      const home = homeOf(cells[at] as number, cells[at + 1] as number) & mask
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      cells.copyWithin(hole, at, at + WIDTH)
      hole = at
    }
    cells[hole + 2] = 0
  }

  private grow(): void {
    const before = this.cells
    this.cells = new Int32Array(before.length * 2)
    for (let from = 0; from < before.length; from += WIDTH) {
      if (before[from + 2] === 0) continue
      const to = this.find(before[from] as number, before[from + 1] as number)
      for (let i = 0; i < WIDTH; i++) this.cells[to + i] = before[from + i] as number
    }
  }
}

/** a multiple of the width, spread over all places */
const homeOf = (window: number, value: number): number => {
  const mixed = Math.imul(window, 0x9e3779b1) ^ Math.imul(value, 0x85ebca6b)
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) & ~(WIDTH - 1)
}
