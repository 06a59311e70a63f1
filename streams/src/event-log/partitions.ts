import { topics } from '@custodia/contracts'
import type { Topic } from '@custodia/contracts'

/** Kafka's murmur2 with its seed, as a signed 32-bit number, so that a key has the same partition number on every adapter. */
export const murmur2 = (data: Uint8Array): number => {
  const m = 0x5bd1e995
  let h = 0x9747b28c ^ data.length
  const words = data.length - (data.length % 4)
  for (let i = 0; i < words; i += 4) {
    let k = at(data, i) | (at(data, i + 1) << 8) | (at(data, i + 2) << 16) | (at(data, i + 3) << 24)
    k = Math.imul(k, m)
    k ^= k >>> 24
    k = Math.imul(k, m)
    h = Math.imul(h, m) ^ k
  }
  const rest = data.length % 4
  if (rest === 3) h ^= at(data, words + 2) << 16
  if (rest >= 2) h ^= at(data, words + 1) << 8
  if (rest >= 1) h = Math.imul(h ^ at(data, words), m)
  h = Math.imul(h ^ (h >>> 13), m)
  return h ^ (h >>> 15)
}

/** The same for a text, which rarely has more than ASCII. */
const hashOf = (text: string): number => {
  const { length } = text
  if (length > mostAscii.length) return murmur2(Buffer.from(text, 'utf8'))
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) return murmur2(Buffer.from(text, 'utf8'))
    mostAscii[i] = code
  }
  return murmur2(mostAscii.subarray(0, length))
}
const mostAscii = new Uint8Array(128)

/** The partition of a key: Kafka's default partitioner. */
export const partitionOf = (topic: Topic, key: string): number => (hashOf(key) & 0x7fffffff) % topics[topic].partitions

/** 0 … partitions-1 of a topic. */
export const partitionsOf = (topic: Topic): number[] => Array.from({ length: topics[topic].partitions }, (_, i) => i)

const at = (data: Uint8Array, i: number): number => data[i] ?? 0
