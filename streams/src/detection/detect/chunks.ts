import type { FileHandle } from 'node:fs/promises'
import { DetectError } from './detect-error.js'

const BLOCK_BYTES = 1 << 20
const MAX_LINE_BYTES = 1 << 28
const NEWLINE = 10

/** Where events come from: fills `into` from `at` on and says with how many bytes; 0 is the end. */
export type Source = (into: Uint8Array, at: number) => Promise<number>

export const fromFile =
  (file: FileHandle): Source =>
  async (into, at) =>
    (await file.read(into, at, into.length - at - 1)).bytesRead

export const fromStream = (stream: AsyncIterable<Uint8Array>): Source => {
  const pieces = stream[Symbol.asyncIterator]()
  let rest = new Uint8Array()
  return async (into, at) => {
    while (rest.length === 0) {
      const next = await pieces.next()
      if (next.done) return 0
      rest = new Uint8Array(next.value)
    }
    const fits = rest.subarray(0, into.length - at - 1)
    into.set(fits, at)
    rest = rest.subarray(fits.length)
    return fits.length
  }
}

/** Whole lines, as the bytes they are. */
export interface Chunk {
  block: Uint8Array
  /** how much of the block is lines; the last byte of it is a newline */
  length: number
}

/** Cuts what is read at ends of lines; the next is read meanwhile. `block` gives a block to fill, of any size, with any rubbish in it. */
export async function* wholeLines(read: Source, block: () => Uint8Array | undefined): AsyncGenerator<Chunk> {
  const fresh = (size: number): Uint8Array => {
    const used = block()
    return used && used.length >= size ? used : new Uint8Array(Math.max(size, BLOCK_BYTES))
  }
  let current = fresh(0)
  let held = 0
  let reading = read(current, held)
  for (;;) {
    const count = await reading
    if (count === 0) break
    const end = current.subarray(0, held + count).lastIndexOf(NEWLINE) + 1
    held += count
    if (end > 0) {
      const next = fresh(held - end + 2)
      next.set(current.subarray(end, held))
      const block = current
      held -= end
      current = next
      reading = read(current, held)
      reading.catch(() => undefined) // told to whoever asks for the next lines, if anybody does
      yield { block, length: end }
      continue
    }
    if (held + 1 >= current.length) {
      if (held > MAX_LINE_BYTES) throw new DetectError(`a line is longer than ${MAX_LINE_BYTES >> 20} MiB`)
      const larger = new Uint8Array(current.length * 2)
      larger.set(current.subarray(0, held))
      current = larger
    }
    reading = read(current, held)
  }
  if (held === 0) return
  current[held] = NEWLINE
  yield { block: current, length: held + 1 }
}
