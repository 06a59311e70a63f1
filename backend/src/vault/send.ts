import { Readable } from 'node:stream'
import { StreamableFile } from '@nestjs/common'

/** Small enough that a freeze cuts an answer in the middle, large enough for most photos to go out in one piece. */
const chunkBytes = 256 * 1024

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}

/** Bytes that are already in memory, sent piece by piece as the client takes them. Without a name: shown, not saved. */
export const sendBytes = (bytes: Buffer, type: string, fileName?: string): StreamableFile =>
  new StreamableFile(Readable.from(chunksOf(bytes), { objectMode: false }), {
    type,
    length: bytes.length,
    disposition: fileName ? `attachment; filename="${fileName}"` : 'inline',
  })
