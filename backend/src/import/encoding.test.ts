import { describe, expect, it } from '@jest/globals'
import { decodeText } from './encoding.js'

const text = '姓名,身份证号\r\n王小明,110101199003070000\r\n'
/** 王小明 and the header in GBK; written out, because nothing in Node encodes it. */
const gbk = Buffer.concat([
  Buffer.from([0xd0, 0xd5, 0xc3, 0xfb, 0x2c, 0xc9, 0xed, 0xb7, 0xdd, 0xd6, 0xa4, 0xba, 0xc5]),
  Buffer.from('\r\n'),
  Buffer.from([0xcd, 0xf5, 0xd0, 0xa1, 0xc3, 0xf7]),
  Buffer.from(',110101199003070000\r\n'),
])
const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16()
const utf16 = Buffer.from(text, 'utf16le')

describe('the encoding of a table', () => {
  it.each([
    ['UTF-8', Buffer.from(text), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`), 'utf-8'],
    ['UTF-16LE with a mark', Buffer.from(`\ufeff${text}`, 'utf16le'), 'utf-16le'],
    ['UTF-16BE with a mark', swapped(Buffer.from(`\ufeff${text}`, 'utf16le')), 'utf-16be'],
    ['UTF-16LE', utf16, 'utf-16le'],
    ['UTF-16BE', swapped(utf16), 'utf-16be'],
    ['GBK', gbk, 'gb18030'],
    // a character that only GB18030 has, in four bytes
    ['GB18030', Buffer.concat([gbk, Buffer.from([0x81, 0x30, 0x81, 0x30])]), 'gb18030'],
  ])('%s is recognised and read', (_, bytes, encoding) => {
    const decoded = decodeText(bytes)
    expect(decoded.encoding).toBe(encoding)
    expect(decoded.text.startsWith(text)).toBe(true)
  })

  it('that is none of these is refused, with the line where it goes wrong', () => {
    const mixed = Buffer.concat([Buffer.from(text), Buffer.from([0x41, 0xff, 0xff, 0x0a]), gbk])
    expect(() => decodeText(mixed)).toThrow(/not UTF-8 and not GB18030; line 3 is the first that is not UTF-8/)
  })

  it('that was stated is believed, and refused where it is not true', () => {
    expect(decodeText(gbk, 'gb18030').text).toBe(text)
    expect(() => decodeText(gbk, 'utf-8')).toThrow(/not UTF-8; line 1/)
  })
})
