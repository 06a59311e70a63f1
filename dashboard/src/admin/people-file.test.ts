import { describe, expect, it } from '@jest/globals'
import { decodeText, linksAsCsv } from './people-file.js'

const bytes = (...values: number[]) => new Uint8Array(values).buffer

describe('a file of people', () => {
  it('is read as UTF-8, and as GB 18030 where it is none', () => {
    expect(decodeText(new TextEncoder().encode('林晓').buffer)).toBe('林晓')
    expect(decodeText(bytes(0xc1, 0xd6, 0xcf, 0xfe))).toBe('林晓')
  })

  it('of links runs nothing in a spreadsheet', () => {
    expect(linksAsCsv([{ username: '=cmd', link: 'http://x/#a"b' }])).toBe(
      'username,link\r\n"\'=cmd","http://x/#a""b"\r\n',
    )
  })
})
