import { describe, expect, it } from '@jest/globals'
import { alertsThatDiffer, refusalsThatDiffer } from './told-differences.js'

const at = (event: number, value: number, actor?: string) => ({
  ...{ at: event, value },
  ...(actor && { group: { actor } }),
})

describe('what differs from a case', () => {
  it('is told of the alert that came elsewhere, not of those that agree', () => {
    expect(alertsThatDiffer([at(3, 3), at(8, 9)], [at(3, 3, 'a'), at(9, 9, 'a')])).toEqual([
      {
        en: 'expected an alert at event 8 (value 9); it came at event 9 (value 9)',
        zh: '事件 8（值 9）应有警报，实际出现在事件 9（值 9）',
      },
    ])
  })

  it('is told of the first ones alone', () => {
    const many = Array.from({ length: 200 }, (_, i) => at(i + 1, 1, 'a'))
    const [told] = alertsThatDiffer([], many)
    expect(told?.en).toMatch(/^no alert was expected at event 1 \(value 1, actor a\), and one came; .*; and 195 more$/)
    expect(told?.zh).toMatch(/；另有 195 处$/)
  })

  it('names the group where the case does', () => {
    expect(alertsThatDiffer([at(1, 1, 'a')], [at(1, 1, 'b')])[0]?.en).toBe(
      'expected an alert at event 1 (value 1, actor a); it came at event 1 (value 1, actor b)',
    )
  })

  it('is told of refusals too', () => {
    expect(refusalsThatDiffer([2], [3])).toEqual([
      {
        en: 'event 2 was to be refused, and was not; event 3 was refused, and was not to be',
        zh: '事件 2 应被拒绝，但未被拒绝；事件 3 不应被拒绝，但被拒绝',
      },
    ])
  })

  it('may be the order alone', () => {
    expect(alertsThatDiffer([at(2, 1), at(1, 1)], [at(1, 1), at(2, 1)])[0]?.en).toBe('the alerts came in another order')
  })
})
