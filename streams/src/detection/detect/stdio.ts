import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { answer } from './answer.js'

/** The rule engine on two streams: one JSON request a line, one JSON answer a line. */
export const serveStdio = async (input: Readable, output: Writable): Promise<void> => {
  for await (const line of createInterface({ input })) {
    let reply: unknown
    try {
      reply = answer(line)
    } catch (error) {
      reply = { error: error instanceof Error ? error.message : String(error) }
    }
    output.write(`${JSON.stringify(reply)}\n`)
  }
}
