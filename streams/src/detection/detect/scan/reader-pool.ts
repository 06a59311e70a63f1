import { Worker } from 'node:worker_threads'
import type { Chunk } from '../chunks.js'
import type { DetectOptions } from '../options.js'
import type { Judge } from '../judge.js'
import type { RuleSource } from '../read-rules.js'
import { type Batch, BatchDecoder } from './batch.js'
import { ChunkReader, judgedKeys } from './chunk-reader.js'
import type { ReadReply, ReadRequest } from './reader-worker.js'

/** Before so much was read, starting threads takes longer than reading. */
const ALONE_BYTES = 4 << 20

/** A batch, with who knows its numbers. */
interface Read {
  batch: Batch
  decoder: BatchDecoder
}

/** Reads chunks on several threads and gives their batches in the order of the chunks. */
export class ReaderPool {
  private readonly own: { reader: ChunkReader; decoder: BatchDecoder }
  private readonly threads: ReaderThread[] = []
  private readonly blocks: Uint8Array[] = []

  constructor(
    private readonly rules: RuleSource,
    private readonly judge: Judge,
    private readonly options: Pick<DetectOptions, 'idField' | 'timeField' | 'firings' | 'readers'>,
  ) {
    this.own = { reader: new ChunkReader(judge, options), decoder: this.decoder() }
  }

  async *readAll(chunks: (block: () => Uint8Array | undefined) => AsyncIterable<Chunk>): AsyncGenerator<Read> {
    const running: Promise<Read>[] = []
    let read = 0
    let number = 0
    for await (const chunk of chunks(() => this.blocks.pop())) {
      const thread = read > ALONE_BYTES ? this.thread(number++) : undefined
      read += chunk.length
      if (!thread) {
        const batch = this.own.reader.read(bytesOf(chunk), read === chunk.length)
        this.blocks.push(chunk.block)
        yield { batch, decoder: this.own.decoder }
        continue
      }
      running.push(thread.read(chunk))
      // two chunks a thread: one that it reads, and one that waits so that it need not
      if (running.length >= this.options.readers * 2) yield await (running.shift() as Promise<Read>)
    }
    for (const one of running) yield await one
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()))
  }

  private thread(number: number): ReaderThread | undefined {
    const { readers } = this.options
    if (readers === 0) return undefined
    const { rules, options } = this
    return (this.threads[number % readers] ??= new ReaderThread({ rules, options }, this.decoder(), this.blocks))
  }

  private decoder(): BatchDecoder {
    return new BatchDecoder(this.judge, judgedKeys(this.judge))
  }
}

const bytesOf = ({ block, length }: Chunk): Buffer => Buffer.from(block.buffer, block.byteOffset, length)

class ReaderThread {
  private readonly worker: Worker
  private readonly waiting: { done: (read: Read) => void; failed: (error: Error) => void }[] = []

  constructor(
    workerData: unknown,
    private readonly decoder: BatchDecoder,
    blocks: Uint8Array[],
  ) {
    this.worker = new Worker(new URL('./reader-worker.js', import.meta.url), { workerData })
    this.worker.on('message', ({ batch, block }: ReadReply) => {
      blocks.push(block)
      this.waiting.shift()?.done({ batch, decoder: this.decoder })
    })
    this.worker.on('error', (error) => {
      for (const { failed } of this.waiting.splice(0)) failed(error)
    })
  }

  read({ block, length }: Chunk): Promise<Read> {
    const reply = new Promise<Read>((done, failed) => this.waiting.push({ done, failed }))
    reply.catch(() => undefined) // told to whoever awaits it, which may be after an earlier one has failed
    this.worker.postMessage({ block, length } satisfies ReadRequest, [block.buffer as ArrayBuffer])
    return reply
  }

  async close(): Promise<void> {
    await this.worker.terminate()
  }
}
