import { parentPort, workerData } from 'node:worker_threads'
import type { DetectOptions } from '../options.js'
import { Judge } from '../judge.js'
import { loadEveryRule, type RuleSource } from '../read-rules.js'
import type { Batch } from './batch.js'
import { ChunkReader } from './chunk-reader.js'

export interface ReadRequest {
  block: Uint8Array
  length: number
}
export interface ReadReply {
  batch: Batch
  /** the block, to be filled again */
  block: Uint8Array
}

const { rules, options } = workerData as { rules: RuleSource; options: DetectOptions }
const reader = new ChunkReader(new Judge(loadEveryRule(rules), options.firings), options)

parentPort?.on('message', ({ block, length }: ReadRequest) => {
  const batch = reader.read(Buffer.from(block.buffer, block.byteOffset, length), false)
  const { at, times, sets, values, ids, idEnds } = batch
  const moved = [block, at, times, sets, values, ids, idEnds].map(({ buffer }) => buffer as ArrayBuffer)
  parentPort?.postMessage({ batch, block } satisfies ReadReply, moved)
})
