const MAX_TOKENS = 1 << 17
const MAX_BYTES = 1 << 24

/**
 * Gives equal values a small number, so that what is known of a value is worked out once. Values are told apart by the bytes
 * that stand in the JSON; the value itself is what `JSON.parse` makes of them.
 */
export class TokenTable {
  /** value of each number; 0 stands for a missing key */
  readonly values: unknown[] = [undefined]
  private slots = new Int32Array(1024)
  private hashes = new Int32Array(512)
  private offsets = new Int32Array(513)
  private bytes = new Uint8Array(8192)

  /** The number of the token from `start` to `end`. Its value stands from `start` to `valueEnd`, where that is more. */
  numberOf(source: Buffer, start: number, end: number, valueEnd = end): number {
    let hash = end - start
    for (let p = start; p < end; p++) hash = (Math.imul(hash, 31) + (source[p] as number)) | 0
    const mask = this.slots.length - 1
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const number = this.slots[slot] as number
      if (number === 0) return this.add(source.subarray(start, end), hash, source.toString('utf8', start, valueEnd))
      if (this.hashes[number] === hash && this.isAt(number, source, start, end)) return number
    }
  }

  /** for a value whose bytes are not to be had: a number of its own */
  numberOfValue(value: unknown): number {
    return value === undefined ? 0 : this.push(value, 0)
  }

  /** Holds it too much? Then it forgets everything, and so must whoever remembers a number of it. */
  startAfreshIfFull(): boolean {
    if (this.values.length <= MAX_TOKENS && (this.offsets[this.values.length] as number) <= MAX_BYTES) return false
    this.values.length = 1
    this.slots.fill(0)
    this.hashes.fill(0)
    return true
  }

  private isAt(number: number, source: Buffer, start: number, end: number): boolean {
    const from = this.offsets[number] as number
    if ((this.offsets[number + 1] as number) - from !== end - start) return false
    for (let p = start, q = from; p < end; p++, q++) if (source[p] !== this.bytes[q]) return false
    return true
  }

  private add(token: Uint8Array, hash: number, json: string): number {
    const number = this.push(JSON.parse(json), token.length)
    this.bytes.set(token, this.offsets[number])
    this.hashes[number] = hash
    this.place(number, hash)
    return number
  }

  private place(number: number, hash: number): void {
    const mask = this.slots.length - 1
    let slot = (hash ^ (hash >>> 15)) & mask
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask
    this.slots[slot] = number
  }

  /** the next number, with room for so many bytes */
  private push(value: unknown, length: number): number {
    const number = this.values.push(value) - 1
    if (number + 2 > this.hashes.length) this.grow()
    const end = (this.offsets[number] as number) + length
    this.offsets[number + 1] = end
    if (end > this.bytes.length) this.bytes = enlarged(this.bytes, Uint8Array, end)
    return number
  }

  private grow(): void {
    this.hashes = enlarged(this.hashes, Int32Array, 0)
    this.offsets = enlarged(this.offsets, Int32Array, 0)
    const numbers = this.slots.filter((number) => number !== 0)
    this.slots = new Int32Array(this.slots.length * 2)
    for (const number of numbers) this.place(number, this.hashes[number] as number)
  }
}

const enlarged = <T extends Uint8Array | Int32Array>(array: T, type: new (length: number) => T, needed: number): T => {
  const larger = new type(Math.max(array.length * 2, needed))
  larger.set(array)
  return larger
}
