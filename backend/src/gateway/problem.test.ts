import { describe, expect, it } from '@jest/globals'
import { BadRequestException, PayloadTooLargeException } from '@nestjs/common'
import { problems } from '@custodia/contracts'
import { z } from 'zod'
import { asProblem } from './problem.filter.js'
import { ProblemError } from './problem.js'
import { validate } from './serve.js'

describe('ProblemError', () => {
  it.each(Object.keys(problems) as (keyof typeof problems)[])('%s becomes RFC 9457 problem details', (code) => {
    const { status, say } = problems[code]
    expect(new ProblemError(code).toProblem('request-1')).toEqual({
      type: `urn:custodia:problem:${code}`,
      title: say,
      detail: say,
      status,
      code,
      request_id: 'request-1',
    })
  })

  it('adds members of its own, and keeps headers and causes to itself', () => {
    const cause = new Error('secret detail')
    const problem = new ProblemError(
      'limit_reached',
      { rule: 'bulk-photo-view', headers: { 'retry-after': '1' } },
      { cause },
    )
    const told = problem.toProblem('request-1')
    expect(told).toMatchObject({ rule: 'bulk-photo-view' })
    expect(told).not.toHaveProperty('headers')
    expect(JSON.stringify(told)).not.toContain('secret detail')
  })
})

describe('asProblem', () => {
  it('knows what the framework throws', () => {
    expect(asProblem(new BadRequestException('x')).code).toBe('malformed_body')
    expect(asProblem(new PayloadTooLargeException()).code).toBe('body_too_large')
    expect(asProblem(Object.assign(new Error('x'), { statusCode: 415 })).code).toBe('unsupported_media_type')
  })

  it.each([new Error('password=hunter2'), 'text', undefined, null, 7])('tells nobody about %p', (error) => {
    const problem = asProblem(error)
    expect(problem.code).toBe('internal')
    expect(JSON.stringify(problem.toProblem('r'))).not.toContain('hunter2')
  })
})

describe('validate', () => {
  const schema = z.object({ name: z.string().min(2), tags: z.array(z.object({ id: z.number() })).default([]) })

  it('gives back what the schema makes of it, without what it does not know', () => {
    expect(validate(schema, { name: 'ab', extra: 1 }, 'body')).toEqual({ name: 'ab', tags: [] })
  })

  it('names every field that is wrong, and never its value', () => {
    const value = { name: '王', tags: [{ id: 'secret' }] }
    const wrong = (): unknown => validate(schema, value, 'body')
    expect(wrong).toThrow(ProblemError)
    try {
      wrong()
    } catch (error) {
      const { extra } = error as ProblemError
      expect(extra.errors?.map(({ path }) => path)).toEqual(['body.name', 'body.tags.0.id'])
      expect(JSON.stringify(extra)).not.toMatch(/王|secret/)
    }
  })
})
