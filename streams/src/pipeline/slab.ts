/**
 * Texts as bytes, many of them in one piece of memory. A buffer of its own for each costs more than writing it, to make and to
 * throw away.
 */
export const slab = (size: number): ((text: string) => Uint8Array) => {
  let piece = Buffer.alloc(0)
  let used = 0
  return (text) => {
    const most = text.length * 3 // bytes of UTF-8
    if (most > size) return Buffer.from(text)
    if (used + most > piece.length) {
      piece = Buffer.allocUnsafeSlow(size)
      used = 0
    }
    const from = used
    used += piece.write(text, from)
    return piece.subarray(from, used)
  }
}
