/** How far a word may reach beyond the byte it begins at. */
export const BEYOND = 3

/** Bytes, and the same ones four at a time. What stands behind the last one does not matter, but there must be something. */
export interface Words {
  bytes: Buffer
  words: DataView
}

export const wordsOf = (given: Buffer): Words => {
  const hasRoom = given.buffer.byteLength - given.byteOffset >= given.length + BEYOND
  const bytes = hasRoom ? given : Buffer.concat([given, Buffer.alloc(BEYOND)])
  return { bytes, words: new DataView(bytes.buffer, bytes.byteOffset) }
}

/** The bytes of a word that are among the first `count` of it, 1 to 3; the others are 0. */
export const headOf = (word: number, count: number): number => word & ((1 << (count * 8)) - 1)
