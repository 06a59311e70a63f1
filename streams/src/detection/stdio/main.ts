import { createInterface } from 'node:readline'
import { answer } from './answer.js'

/** The rule engine on standard input and output: one JSON request a line, one JSON answer a line. */
for await (const line of createInterface({ input: process.stdin })) {
  let reply: unknown
  try {
    reply = answer(line)
  } catch (error) {
    reply = { error: error instanceof Error ? error.message : String(error) }
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}
