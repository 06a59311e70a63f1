import type { Topic } from '@custodia/contracts'
import type { Database } from 'lmdb'

/** Where a partition stands: the next offset, and the time of the last record. */
export interface PartitionEnd {
  end: number
  appendedAt: number
}

/** Ends of partitions while a transaction appends: each is read once and written once, however many records it takes. */
export class OpenEnds {
  readonly #touched = new Map<Topic, PartitionEnd[]>()

  constructor(private readonly ends: Database<PartitionEnd, [string, number]>) {}

  /** Inside a transaction; to be changed in place. */
  of(topic: Topic, partition: number): PartitionEnd {
    const ofTopic = this.#touched.get(topic) ?? []
    this.#touched.set(topic, ofTopic)
    return (ofTopic[partition] ??= this.ends.get([topic, partition]) ?? { end: 0, appendedAt: 0 })
  }

  /** Runs the transaction's work, and writes down what it changed. What a failed one before had open is forgotten. */
  around<T>(work: () => T): T {
    this.#touched.clear()
    const result = work()
    for (const [topic, ends] of this.#touched)
      ends.forEach((end, partition) => void this.ends.put([topic, partition], end))
    this.#touched.clear()
    return result
  }
}
