import { DetectError } from './detect-error.js'

const MAX_LINE_BYTES = 32 * 1024 * 1024
const NEWLINE = 10

/** Whole lines, as the bytes they are. */
export interface Chunk {
  bytes: Buffer
  /** number of the first line, from 1 */
  line: number
}

/** Cuts what is read at ends of lines. Of the input no more than two pieces are held. */
export async function* wholeLines(input: AsyncIterable<Buffer>): AsyncGenerator<Chunk> {
  let rest: Buffer[] = []
  let held = 0
  let line = 1
  for await (const piece of input) {
    const end = piece.lastIndexOf(NEWLINE) + 1
    if (end === 0) {
      rest.push(piece)
      held += piece.length
      if (held > MAX_LINE_BYTES) throw new DetectError(`line ${line} is longer than ${MAX_LINE_BYTES >> 20} MiB`)
      continue
    }
    const bytes = rest.length ? Buffer.concat([...rest, piece.subarray(0, end)]) : piece.subarray(0, end)
    yield { bytes, line }
    line += countLines(bytes)
    rest = end < piece.length ? [piece.subarray(end)] : []
    held = piece.length - end
  }
  if (held) yield { bytes: Buffer.concat(rest), line }
}

const countLines = (bytes: Buffer): number => {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++
  return count
}
