import { createReadStream, readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface Needle {
  /** what it is, without saying it */
  name: string
  bytes: Buffer
}
export interface Hit {
  file: string
  needle: string
}

/** A text as it may lie in a file: UTF-8, and UTF-16 of either byte order. */
export const textNeedles = (name: string, text: string): Needle[] => {
  const little = Buffer.from(text, 'utf16le')
  return [
    { name: `${name}, UTF-8`, bytes: Buffer.from(text) },
    { name: `${name}, UTF-16LE`, bytes: little },
    { name: `${name}, UTF-16BE`, bytes: Buffer.from(little).swap16() },
  ]
}

/** Pieces of 64 bytes out of the middle of a file, where no format puts anything that is common to all files. */
export const sliceNeedles = (name: string, bytes: Buffer, pieces = 4): Needle[] =>
  Array.from({ length: pieces }, (_, at) => {
    const from = Math.floor((bytes.length * (at + 1)) / (pieces + 1))
    return { name: `${name}, bytes from ${from}`, bytes: bytes.subarray(from, from + 64) }
  })

/** Finds any of many byte strings in one pass: a map of the first three bytes rules out nearly every place. */
export class ByteSearch {
  readonly longest: number
  private readonly starts = new Uint8Array(1 << 24)
  private readonly byStart = new Map<number, Needle[]>()

  constructor(needles: readonly Needle[]) {
    for (const needle of needles) {
      if (needle.bytes.length < 6) throw new Error(`${needle.name}: too short to be looked for`)
      const start = needle.bytes.readUIntBE(0, 3)
      this.starts[start] = 1
      this.byStart.set(start, [...(this.byStart.get(start) ?? []), needle])
    }
    this.longest = Math.max(...needles.map(({ bytes }) => bytes.length))
  }

  in(haystack: Buffer): Set<string> {
    const found = new Set<string>()
    let start = haystack.length > 2 ? haystack.readUIntBE(0, 2) : 0
    for (let at = 2; at < haystack.length; at++) {
      start = ((start << 8) | (haystack[at] ?? 0)) & 0xffffff
      if (!this.starts[start]) continue
      for (const { name, bytes } of this.byStart.get(start) ?? [])
        if (bytes.compare(haystack, at - 2, Math.min(haystack.length, at - 2 + bytes.length)) === 0) found.add(name)
    }
    return found
  }
}

/** Looks into every file below a folder; returns how much there was, and what was found where. */
export async function searchFolder(folder: string, search: ByteSearch): Promise<{ bytes: number; hits: Hit[] }> {
  const hits: Hit[] = []
  let total = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const found = new Set<string>()
    let rest = Buffer.alloc(0)
    for await (const chunk of createReadStream(file, { highWaterMark: 4 << 20 }) as AsyncIterable<Buffer>) {
      total += chunk.length
      const piece = Buffer.concat([rest, chunk])
      for (const needle of search.in(piece)) found.add(needle)
      rest = piece.subarray(Math.max(0, piece.length - search.longest + 1))
    }
    hits.push(...[...found].map((needle) => ({ file: file.slice(folder.length + 1), needle })))
  }
  return { bytes: total, hits }
}
