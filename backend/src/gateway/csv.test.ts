import { describe, expect, it } from '@jest/globals'
import { toCsv } from './csv.js'

const cellsOf = (...cells: string[]) => toCsv([cells]).toString().replace('\ufeff', '')

describe('CSV', () => {
  it('begins with a byte order mark and ends every row', () => {
    expect(toCsv([['id'], ['张伟']])).toEqual(Buffer.from('\ufeff"id"\r\n"张伟"\r\n'))
  })

  it('keeps quotes, commas and line ends inside their cell', () => {
    expect(cellsOf('a "b", c\r\nd', 'e')).toBe('"a ""b"", c\r\nd","e"\r\n')
  })

  it.each(['=1+1', '+861381234', '-2', '@SUM(A1)', '\t=1', '\r=1', '＝1', '＠x'])(
    '%j is not run as a formula',
    (value) => {
      expect(cellsOf(value)).toBe(`"'${value}"\r\n`)
    },
  )
})
