import type { RuleEvent } from '../sigma/index.js'
import { type EventIds, Texts } from '../windows/index.js'
import type { Batch } from './scan/batch.js'
import type { Task } from './task.js'

/** Ids as they came: plain ones one after the other, in bytes until one of them is asked for. */
interface Ids {
  plain: Buffer | string
  ends: Int32Array
  odd: ReadonlyMap<number, string | null>
}

/** What a reader's numbers mean here. */
export interface Translated {
  /** by the batch's numbers of sets */
  tasks: readonly Task[]
  /** of each event a number a key: 0 is none */
  cells: Int32Array
  /** events with lists or objects in what is counted: these are told as they are */
  odd: ReadonlyMap<number, RuleEvent>
  /** texts that no event behind this batch speaks of */
  release: readonly number[]
}

/** The events of a chunk that some rule matches. */
interface Block extends Translated {
  /** number of its first event */
  first: number
  /** number of the chunk's first line, and of each event within it */
  line: number
  at: Int32Array
  ids: Ids
  newest: number
  times: Float64Array
  sets: Int32Array
  /** how many are still to be judged */
  left: number
}

/** Events that some rule matches, in numbers, from when they are read until no window can hold them. They are called by a number each. */
export class Sightings implements EventIds {
  readonly texts = new Texts()
  /** the number that the next event gets */
  end = 0
  private blocks: Block[] = []
  /** how many of the blocks are judged */
  private judged = 0
  private current?: Block
  private readonly row = new Sighting(this.texts)

  /** `line`: the number of the chunk's first line */
  add({ at, times, sets, ids, idEnds, oddIds }: Batch, translated: Translated, line: number): void {
    const left = at.length
    const plain = Buffer.from(ids.buffer, ids.byteOffset, ids.length)
    let newest = -Infinity
    for (const time of times) if (time > newest) newest = time
    this.blocks.push({
      ...translated,
      ...{ first: this.end, line, at, times, sets, left, newest },
      ids: { plain, ends: idEnds, odd: new Map(oddIds) },
    })
    this.end += left
  }

  time(number: number): number {
    const block = this.blockOf(number)
    return block.times[number - block.first] as number
  }

  line(number: number): number {
    const block = this.blockOf(number)
    return block.line + (block.at[number - block.first] as number)
  }

  /** The event, until the next one is asked for. It is judged once, and then only its id is remembered. */
  next(number: number): Sighting {
    const block = this.blockOf(number)
    block.left--
    this.row.show(block, number)
    return this.row
  }

  /** Forgets blocks that are judged and older than `before`. Called between events. */
  forget(before: number): void {
    const { blocks } = this
    for (; blocks[this.judged]?.left === 0; this.judged++) {
      const block = blocks[this.judged] as Block
      for (const text of block.release) this.texts.release(text)
      const none = { times: new Float64Array(), sets: new Int32Array(), cells: new Int32Array(), odd: new Map() }
      blocks[this.judged] = { ...block, ...none, release: [] }
    }
    let gone = 0
    while (gone < this.judged && !((blocks[gone] as Block).newest >= before)) gone++
    if (gone === 0) return
    this.blocks = blocks.slice(gone)
    this.judged -= gone
    this.current = undefined
  }

  textOf(number: number): string {
    const block = this.blockOf(number)
    return idOf(block, number)
  }

  keep(): void {
    // ids go with their block
  }

  release(): void {
    // ids go with their block
  }

  private blockOf(number: number): Block {
    const { current } = this
    if (current && number >= current.first && number < current.first + current.at.length) return current
    let low = 0
    let high = this.blocks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((this.blocks[middle] as Block).first <= number) low = middle
      else high = middle - 1
    }
    return (this.current = this.blocks[low] as Block)
  }
}

const idOf = ({ ids, first, line, at }: Block, number: number): string => {
  const index = number - first
  const start = index === 0 ? 0 : (ids.ends[index - 1] as number)
  const end = ids.ends[index] as number
  return end > start ? textOf(ids).slice(start, end) : (ids.odd.get(index) ?? String(line + (at[index] as number)))
}

/** Where one id is asked for, more will be: all of them at once cost little more than one. */
const textOf = (ids: Ids): string => {
  if (typeof ids.plain !== 'string') ids.plain = ids.plain.toString('latin1')
  return ids.plain
}

/** An event that some rule matches. `time` is NaN when it says none. */
export class Sighting {
  number = 0
  time = NaN
  /** whether its cells do not say all of it */
  isOdd = false
  private block?: Block
  private offset = 0
  private seen?: RuleEvent

  constructor(private readonly texts: Texts) {}

  get task(): Task {
    const { tasks, sets, first } = this.block as Block
    return tasks[sets[this.number - first] as number] as Task
  }

  get id(): string {
    return idOf(this.block as Block, this.number)
  }

  /** what the counting looks at, for rules that want to see an event */
  get event(): RuleEvent {
    return (this.seen ??= this.block?.odd.get(this.number - this.block.first) ?? this.told())
  }

  cell(column: number): number {
    return (this.block as Block).cells[this.offset + column] as number
  }

  show(block: Block, number: number): void {
    const index = number - block.first
    this.block = block
    this.number = number
    this.time = block.times[index] as number
    this.isOdd = block.odd.size > 0 && block.odd.has(index)
    this.offset = index * (block.cells.length / block.at.length)
    this.seen = undefined
  }

  private told(): RuleEvent {
    const { task } = this
    return Object.fromEntries(
      task.columns.flatMap(({ key, column }) => {
        const number = this.cell(column)
        return number === 0 ? [] : [[key, this.texts.textOf(number)]]
      }),
    )
  }
}
