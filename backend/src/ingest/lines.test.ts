import { describe, expect, it } from '@jest/globals'
import { readLines, type Line } from './lines.js'

const linesOf = async (...chunks: (string | Buffer)[]): Promise<Line[]> => {
  const body = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk)
  })()
  const lines: Line[] = []
  for await (const line of readLines(body)) lines.push(line)
  return lines
}

describe('lines of a body', () => {
  it('are numbered from 1; empty ones count and are passed over', async () => {
    expect(await linesOf('a\n\nb\n')).toEqual([
      { number: 1, text: 'a' },
      { number: 3, text: 'b' },
    ])
  })

  it('may be cut anywhere, also inside a character, and need no end', async () => {
    const bytes = Buffer.from('客户\n张')
    expect(await linesOf(bytes.subarray(0, 2), bytes.subarray(2, 9), bytes.subarray(9))).toEqual([
      { number: 1, text: '客户' },
      { number: 2, text: '张' },
    ])
  })

  it('that are too long are told, and the ones after them kept', async () => {
    const long = 'x'.repeat(40_000)
    expect(await linesOf(long, long, '\nshort\n')).toEqual([
      { number: 1, text: undefined },
      { number: 2, text: 'short' },
    ])
    expect(await linesOf(`${long}${long}\nshort`)).toEqual([
      { number: 1, text: undefined },
      { number: 2, text: 'short' },
    ])
  })

  it('end with the body’s limit', async () => {
    const megabyte = `${'x'.repeat(1023)}\n`.repeat(1024)
    await expect(linesOf(...Array.from({ length: 33 }, () => megabyte))).rejects.toMatchObject({
      code: 'body_too_large',
    })
  })
})
