import { Readable } from 'node:stream'
import { StreamableFile } from '@nestjs/common'
import type { FastifyReply } from 'fastify'

/** Up to here an answer is one piece, which costs a tenth of a stream. Small enough that a freeze cuts larger ones in the middle. */
const pieceBytes = 256 * 1024

/** Bytes that are already in memory. A handler returns them; the interceptor lets them go, with their headers, once all is checked. */
export class FileAnswer {
  /** Without a name: shown, not saved. */
  constructor(
    private readonly bytes: Buffer,
    private readonly type: string,
    private readonly fileName?: string,
  ) {}

  /** What goes out as the body. */
  through(reply: FastifyReply): Buffer | StreamableFile {
    const { bytes, type, fileName } = this
    const disposition = fileName ? `attachment; filename="${fileName}"` : 'inline'
    void reply.type(type).header('content-disposition', disposition)
    if (bytes.length <= pieceBytes) return bytes
    return new StreamableFile(Readable.from(piecesOf(bytes), { objectMode: false }), {
      type,
      disposition,
      length: bytes.length,
    })
  }
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}
