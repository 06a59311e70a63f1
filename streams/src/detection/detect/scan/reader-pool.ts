import { Worker } from 'node:worker_threads'
import type { Chunk } from '../chunks.js'
import type { DetectOptions } from '../options.js'
import type { Judge } from '../judge.js'
import type { RuleSource } from '../read-rules.js'
import type { Texts } from '../../windows/index.js'
import type { Batch } from './batch.js'
import { ChunkReader } from './chunk-reader.js'
import { ReaderNumbers } from './reader-numbers.js'
import type { ReadReply, ReadRequest } from './reader-worker.js'

/** Before so much was read, starting threads takes longer than reading. */
const ALONE_BYTES = 4 << 20
/** Chunks that a thread has at a time: one that it reads, and those that it goes on with while this thread reads one and judges. */
const MAX_WAITING = 6
/** Chunks that may be read ahead of one that takes long, for each thread. */
const MAX_AHEAD = 12

/** A batch, with who knows its numbers. */
interface Read {
  batch: Batch
  numbers: ReaderNumbers
}

/** A chunk that is being read. */
interface Running {
  /** once it is */
  read?: Read
  whenRead: Promise<Read>
}

/** Reads chunks on several threads, this one among them when the others have enough to do, and gives their batches in the order of the chunks. */
export class ReaderPool {
  private readonly own: { reader: ChunkReader; numbers: ReaderNumbers }
  private readonly threads: ReaderThread[] = []
  private readonly blocks: Uint8Array[] = []

  constructor(
    private readonly rules: RuleSource,
    private readonly judge: Judge,
    private readonly texts: Texts,
    private readonly options: Pick<DetectOptions, 'idField' | 'timeField' | 'firings' | 'readers'>,
  ) {
    this.own = { reader: new ChunkReader(judge, options), numbers: this.numbers() }
  }

  async *readAll(chunks: (block: () => Uint8Array | undefined) => AsyncIterable<Chunk>): AsyncGenerator<Read> {
    const running: Running[] = []
    let read = 0
    for await (const chunk of chunks(() => this.blocks.pop())) {
      const thread = read > ALONE_BYTES ? this.waitingThread() : undefined
      running.push(thread ? thread.read(chunk) : this.readHere(chunk, read === 0))
      read += chunk.length
      while (running[0]?.read || running.length > this.options.readers * MAX_AHEAD)
        yield await (running.shift() as Running).whenRead
    }
    for (const one of running) yield await one.whenRead
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()))
  }

  /** One that has not enough to do; undefined: they all have, and who asks had better read it himself. */
  private waitingThread(): ReaderThread | undefined {
    const { rules, options, threads, blocks } = this
    const waiting = threads.find(({ ahead }) => ahead < MAX_WAITING)
    if (waiting || threads.length === options.readers) return waiting
    const thread = new ReaderThread({ rules, options }, this.numbers(), blocks)
    threads.push(thread)
    return thread
  }

  private readHere(chunk: Chunk, isFirst: boolean): Running {
    const { reader, numbers } = this.own
    const read = { batch: reader.read(bytesOf(chunk), isFirst), numbers }
    this.blocks.push(chunk.block)
    return { read, whenRead: Promise.resolve(read) }
  }

  private numbers(): ReaderNumbers {
    return new ReaderNumbers(this.judge, this.texts)
  }
}

const bytesOf = ({ block, length }: Chunk): Buffer => Buffer.from(block.buffer, block.byteOffset, length)

class ReaderThread {
  private readonly worker: Worker
  private readonly waiting: { done: (read: Read) => void; failed: (error: Error) => void }[] = []

  constructor(
    workerData: unknown,
    private readonly numbers: ReaderNumbers,
    blocks: Uint8Array[],
  ) {
    this.worker = new Worker(new URL('./reader-worker.js', import.meta.url), { workerData })
    this.worker.on('message', ({ batch, block }: ReadReply) => {
      blocks.push(block)
      this.waiting.shift()?.done({ batch, numbers: this.numbers })
    })
    this.worker.on('error', (error) => {
      for (const { failed } of this.waiting.splice(0)) failed(error)
    })
  }

  /** how many chunks it has */
  get ahead(): number {
    return this.waiting.length
  }

  read({ block, length }: Chunk): Running {
    const whenRead = new Promise<Read>((done, failed) => this.waiting.push({ done, failed }))
    const running: Running = { whenRead }
    // an error is told to whoever awaits it, which may be after an earlier one has failed
    whenRead.then((read) => (running.read = read)).catch(() => undefined)
    this.worker.postMessage({ block, length } satisfies ReadRequest, [block.buffer as ArrayBuffer])
    return running
  }

  async close(): Promise<void> {
    await this.worker.terminate()
  }
}
