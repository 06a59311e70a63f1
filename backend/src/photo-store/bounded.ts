import { PhotoStoreUnavailable } from './photo-store.js'

/**
 * Lets few operations touch the disk at once and waits for none for ever. A disk that hangs, as one of the network does,
 * keeps the thread of each operation until it comes back; of the few threads that a process has for files, hashes and names,
 * some stay free for everything that needs no photo.
 */
export class Bounded {
  private running = 0
  private readonly waiting: (() => void)[] = []

  constructor(
    private readonly atOnce: number,
    private readonly patienceMs: number,
  ) {}

  /** Rejects with PhotoStoreUnavailable when it takes too long; its place is free again only once it has really ended. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.inTime(this.atOnesTurn(work))
  }

  /** For work whose pace is another's, such as an upload that comes in slowly. */
  runUnhurried<T>(work: () => Promise<T>): Promise<T> {
    return this.atOnesTurn(work).result
  }

  private atOnesTurn<T>(work: () => Promise<T>): { result: Promise<T>; giveUp: () => void } {
    let given = false
    const turn = new Promise<void>((resolve) => {
      if (this.running < this.atOnce) resolve()
      else this.waiting.push(resolve)
      this.running++
    })
    const result = turn.then(() => (given ? Promise.reject<T>(late()) : work())).finally(() => this.leave())
    return { result, giveUp: () => void (given = true) }
  }

  private leave(): void {
    this.running--
    this.waiting.shift()?.()
  }

  private inTime<T>({ result, giveUp }: { result: Promise<T>; giveUp: () => void }): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        giveUp()
        reject(late())
      }, this.patienceMs)
    })
    return Promise.race([result, tooLate]).finally(() => clearTimeout(timer))
  }
}

const late = () => new PhotoStoreUnavailable('The photo folder does not answer: see whether its disk hangs.')
