import { describe, expect, it } from '@jest/globals'
import { describeError } from './logger.js'

describe('an error in the log', () => {
  it('tells no parameters of a failed statement, however deep', () => {
    const failed = new Error('Failed query: select 1\nparams: 张伟,110101199003071234')
    const told = JSON.stringify(describeError(new Error('request failed', { cause: failed })))
    expect(told).toContain('Failed query: select 1')
    expect(told).not.toMatch(/张伟|110101199003071234/)
  })

  it('tells nothing of what is no error', () => {
    expect(describeError('张伟')).toEqual({ message: 'string' })
  })
})
