import type { MultipartFile } from '@fastify/multipart'
import { PhotoKind } from '@custodia/contracts'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { ProblemError } from '../../gateway/problem.js'
import { validate } from '../../gateway/serve.js'
import { clockSkewMs } from '../consent/covers.js'

const Fields = z.object({ kind: PhotoKind, captured_at: z.iso.datetime().optional() })
export interface UploadForm {
  kind: z.output<typeof PhotoKind>
  capturedAt: Date
  bytes: Buffer
}

/** Reads an upload as it streams in: the fields, then one part `file` of at most the size the gateway is set to. */
export async function readUpload(request: FastifyRequest, now: Date): Promise<UploadForm> {
  if (!request.isMultipart()) throw new ProblemError('unsupported_media_type')
  const given: Record<string, unknown> = {}
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') return await readFile(part, given, now)
      given[part.fieldname] = part.value
    }
  } catch (error) {
    throw isOurs(error) ? error : new ProblemError('malformed_body', {}, { cause: error })
  }
  throw missingFile()
}

async function readFile(part: MultipartFile, given: Record<string, unknown>, now: Date): Promise<UploadForm> {
  try {
    if (part.fieldname !== 'file') throw missingFile()
    const { kind, captured_at } = validate(Fields, given, 'body')
    const capturedAt = captured_at === undefined ? now : new Date(captured_at)
    if (capturedAt.getTime() > now.getTime() + clockSkewMs)
      throw new ProblemError('invalid_input', { errors: [{ path: 'body.captured_at', message: 'lies in the future' }] })
    const bytes = await part.toBuffer()
    // Not always thrown by toBuffer: the limit may be noticed only after the last piece was read.
    if (part.file.truncated) throw new ProblemError('body_too_large')
    if (!bytes.length) throw new ProblemError('not_an_image')
    return { kind, capturedAt, bytes }
  } finally {
    part.file.resume() // what is refused early is still taken off the line, so that the answer is heard
  }
}

/** Problems, and errors that carry a status of their own, such as a file that is too large. */
const isOurs = (error: unknown): boolean =>
  error instanceof ProblemError || typeof (error as { statusCode?: unknown } | null)?.statusCode === 'number'

const missingFile = (): ProblemError =>
  new ProblemError('invalid_input', { errors: [{ path: 'body.file', message: 'the photo goes into a part `file`' }] })
