import { every, type Expression, some } from './expression.js'
import { RuleError } from './rule-error.js'

const tokens = (condition: string): string[] => {
  if (condition.includes('|')) throw new RuleError('aggregations in a condition are obsolete: write a correlation rule')
  const found = condition.match(/[()]|[^\s()]+/g) ?? []
  const odd = found.find((token) => !/^([()]|[\p{L}\p{N}_.*-]+)$/u.test(token))
  if (odd) throw new RuleError(`condition: \`${odd}\` is not understood`)
  return found
}

/** `or` binds least, then `and`, `not`, `x of y`, and brackets most. */
class ConditionParser {
  private at = 0

  constructor(
    private readonly tokens: string[],
    private readonly selections: ReadonlyMap<string, Expression>,
  ) {}

  parse(): Expression {
    const whole = this.or()
    const rest = this.tokens[this.at]
    if (rest !== undefined) throw new RuleError(`condition: \`${rest}\` is not expected here`)
    return whole
  }

  private is(word: string, offset = 0): boolean {
    return this.tokens[this.at + offset]?.toLowerCase() === word
  }

  private take(word: string): boolean {
    const found = this.is(word)
    if (found) this.at++
    return found
  }

  private or(): Expression {
    const operands = [this.and()]
    while (this.take('or')) operands.push(this.and())
    return some(operands)
  }

  private and(): Expression {
    const operands = [this.not()]
    while (this.take('and')) operands.push(this.not())
    return every(operands)
  }

  private not(): Expression {
    return this.take('not') ? { kind: 'not', of: this.not() } : this.operand()
  }

  private operand(): Expression {
    if (this.take('(')) {
      const inner = this.or()
      if (!this.take(')')) throw new RuleError('condition: a `)` is missing')
      return inner
    }
    if (this.is('of', 1)) return this.selector()
    const name = this.tokens[this.at++]
    if (name === undefined) throw new RuleError('condition: it ends too early')
    const selection = this.selections.get(name)
    if (!selection) {
      const keyword = /^(and|or|not|of|\(|\))$/i.test(name)
      throw new RuleError(`condition: \`${name}\` is not ${keyword ? 'expected here' : 'defined'}`)
    }
    return selection
  }

  private selector(): Expression {
    const quantifier = this.tokens[this.at]!.toLowerCase()
    const pattern = this.tokens[this.at + 2]
    this.at += 3
    if (!['1', 'any', 'all'].includes(quantifier))
      throw new RuleError(`condition: \`${quantifier} of\` is not Sigma; it has \`1 of\`, \`any of\` and \`all of\``)
    if (pattern === undefined || pattern === '(' || pattern === ')')
      throw new RuleError('condition: `of` needs `them` or a pattern')
    const chosen = [...this.selections].filter(([name]) => selects(pattern, name)).map(([, selection]) => selection)
    if (!chosen.length) throw new RuleError(`condition: nothing is called \`${pattern}\``)
    return quantifier === 'all' ? every(chosen) : some(chosen)
  }
}

/** Names that begin with `_` are left out, unless the pattern asks for them. */
const selects = (pattern: string, name: string): boolean => {
  if (name.startsWith('_') && !pattern.startsWith('_')) return false
  if (pattern.toLowerCase() === 'them') return true
  const source = pattern
    .split('*')
    .map((piece) => piece.replace(/[.\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${source}$`, 'u').test(name)
}

/** Reads a condition over named selections; several conditions are alternatives. */
export const parseCondition = (
  conditions: readonly string[],
  selections: ReadonlyMap<string, Expression>,
): Expression => some(conditions.map((condition) => new ConditionParser(tokens(condition), selections).parse()))
