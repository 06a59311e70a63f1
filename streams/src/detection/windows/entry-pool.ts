import type { Memory } from './memory.js'

/** What one entry adds to its window: a number to add up, a text to tell apart, a rule that was seen, or just itself. */
export type EntryValue = string | number | null

/** One thing counted: when, by which event, and what it adds. */
export interface Entry {
  time: number
  id: string
  value: EntryValue
}

/** What the values of a rule's entries are. */
export type ValueKind = 'nothing' | 'text' | 'number'

export const NO_ENTRY = -1

/** time, id, value, next: 32 bytes, which mostly lie in one line of the processor's cache */
const WIDTH = 4

/** Entries of a block. They are added one after the other, and the block is used again when all of them are gone. */
const BLOCK = 64

/**
 * The entries of all windows of one rule, in lists, in one array of numbers: nothing for the garbage collector to walk. They lie
 * in the order they came in, so that those at the ends of the windows, where the work is, lie together too.
 */
export class EntryPool {
  private cells = new Float64Array(BLOCK * WIDTH)
  /** how many entries each block holds */
  private held = new Int32Array(1)
  private readonly free: number[] = []
  /** the block that is being filled, and where the next entry goes */
  private filling = 0
  private place = 0
  private blocks = 1
  /** how many entries there are */
  size = 0
  /** how many were forgotten because their window was full */
  forgotten = 0
  private windows = 0

  constructor(
    readonly memory: Memory,
    private readonly kind: ValueKind,
  ) {}

  add(time: number, id: number, value: number): number {
    if (this.place === (this.filling + 1) * BLOCK) this.takeBlock()
    const entry = this.place++
    const { cells } = this
    const at = entry * WIDTH
    cells[at] = time
    cells[at + 1] = id
    cells[at + 2] = value
    cells[at + 3] = NO_ENTRY
    this.size++
    this.held[this.filling] = (this.held[this.filling] as number) + 1
    this.memory.ids.keep(id)
    if (this.kind === 'text') this.memory.texts.keep(value)
    return entry
  }

  drop(entry: number): void {
    const { cells } = this
    const at = entry * WIDTH
    this.memory.ids.release(this.id(entry))
    if (this.kind === 'text') this.memory.texts.release(cells[at + 2] as number)
    this.size--
    const block = Math.floor(entry / BLOCK)
    const left = (this.held[block] as number) - 1
    this.held[block] = left
    if (left === 0 && block !== this.filling) this.free.push(block)
  }

  time(entry: number): number {
    return this.cells[entry * WIDTH] as number
  }

  /** of the event that added it, as a number of the memory */
  id(entry: number): number {
    return this.cells[entry * WIDTH + 1] as number
  }

  value(entry: number): number {
    return this.cells[entry * WIDTH + 2] as number
  }

  next(entry: number): number {
    return this.cells[entry * WIDTH + 3] as number
  }

  link(entry: number, next: number): void {
    this.cells[entry * WIDTH + 3] = next
  }

  entry(entry: number): Entry {
    const id = this.memory.ids.textOf(this.id(entry))
    return { time: this.time(entry), id, value: this.told(this.value(entry)) }
  }

  /** a value as the number that stands for it here */
  numberOf(value: EntryValue): number {
    return typeof value === 'string' ? this.memory.texts.numberOf(value) : (value ?? 0)
  }

  newWindow(): number {
    return this.windows++
  }

  get bytes(): number {
    return this.cells.byteLength
  }

  private told(value: number): EntryValue {
    if (this.kind === 'text') return this.memory.texts.textOf(value)
    return this.kind === 'number' ? value : null
  }

  /** The block is full: goes on in another one, or in the same when all that it was filled with is gone again. */
  private takeBlock(): void {
    if (this.held[this.filling] !== 0) this.filling = this.free.pop() ?? this.newBlock()
    this.place = this.filling * BLOCK
  }

  private newBlock(): number {
    if (this.blocks === this.held.length) {
      const cells = new Float64Array(this.cells.length * 2)
      cells.set(this.cells)
      this.cells = cells
      const held = new Int32Array(this.held.length * 2)
      held.set(this.held)
      this.held = held
    }
    return this.blocks++
  }
}
