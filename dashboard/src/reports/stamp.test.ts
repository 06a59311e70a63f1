import { describe, expect, it } from '@jest/globals'
import { stamp } from './stamp.js'

describe('times of a document', () => {
  it('carry their date, in the zone of the report', () => {
    expect(stamp('2026-11-21T16:00:00.000Z', 'Asia/Shanghai')).toBe('2026-11-22 00:00:00')
    expect(stamp('2026-11-21T15:59:59.999Z', 'Asia/Shanghai')).toBe('2026-11-21 23:59:59')
  })
})
