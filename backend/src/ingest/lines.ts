import { StringDecoder } from 'node:string_decoder'
import { ProblemError } from '../gateway/problem.js'

const largestBody = 32 * 1024 * 1024
const longestLine = 64 * 1024

/** A numbered line; `text` is undefined when it was too long to keep. Empty lines are passed over, but counted. */
export interface Line {
  number: number
  text: string | undefined
}

/** Cuts a byte stream into lines with bounded memory. */
export async function* readLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let number = 0
  let size = 0
  let skipping = false
  for await (const chunk of body) {
    if ((size += chunk.length) > largestBody)
      throw new ProblemError('body_too_large', { detail: 'Send at most 32 MB at a time.' })
    const pieces = (rest + decoder.write(Buffer.from(chunk))).split('\n')
    rest = pieces.pop() ?? ''
    for (const piece of pieces) {
      number++
      if (skipping || piece.length > longestLine) yield { number, text: undefined }
      else if (piece.trim()) yield { number, text: piece }
      skipping = false
    }
    if (rest.length > longestLine) {
      skipping = true
      rest = ''
    }
  }
  rest += decoder.end()
  if (skipping) yield { number: number + 1, text: undefined }
  else if (rest.trim()) yield { number: number + 1, text: rest }
}
