import { every, type Expression, some } from './expression.js'
import { matchAnyText } from './match-text.js'
import { RuleError } from './rule-error.js'
import { ANY } from './text.js'

const words: Readonly<Record<string, string>> = { '||': 'or', '&&': 'and' }

const tokens = (condition: string): string[] => {
  const sign = /\|\||&&/.exec(condition)?.[0]
  if (sign)
    throw new RuleError({
      en: `condition: \`${sign}\` is written \`${words[sign]}\``,
      zh: `条件：\`${sign}\` 须写成 \`${words[sign]}\``,
    })
  if (condition.includes('|'))
    throw new RuleError({
      en: 'aggregations in a condition are obsolete: write a correlation rule',
      zh: '条件中的聚合已废弃：请改写为关联规则',
    })
  const found = condition.match(/[()]|[^\s()]+/g) ?? []
  const odd = found.find((token) => !/^([()]|[\p{L}\p{N}_.*-]+)$/u.test(token))
  if (odd) throw new RuleError({ en: `condition: \`${odd}\` is not understood`, zh: `条件：无法理解 \`${odd}\`` })
  return found
}

/** How deep brackets and `not` may stand in each other. */
const DEEPEST = 100

/** `or` binds least, then `and`, `not`, `x of y`, and brackets most. */
class ConditionParser {
  private at = 0
  private depth = 0

  constructor(
    private readonly tokens: string[],
    private readonly selections: ReadonlyMap<string, Expression>,
  ) {}

  parse(): Expression {
    const whole = this.or()
    const rest = this.tokens[this.at]
    if (rest !== undefined)
      throw new RuleError({ en: `condition: \`${rest}\` is not expected here`, zh: `条件：此处不应出现 \`${rest}\`` })
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
    return this.take('not') ? { kind: 'not', of: this.deeper(() => this.not()) } : this.operand()
  }

  private deeper(inner: () => Expression): Expression {
    if (++this.depth > DEEPEST)
      throw new RuleError({ en: 'condition: brackets and `not` stand too deep', zh: '条件：括号和 `not` 嵌套过深' })
    const expression = inner()
    this.depth--
    return expression
  }

  private operand(): Expression {
    if (this.take('(')) {
      const inner = this.deeper(() => this.or())
      if (!this.take(')')) throw new RuleError({ en: 'condition: a `)` is missing', zh: '条件：缺少 `)`' })
      return inner
    }
    if (this.is('of', 1)) return this.selector()
    const name = this.tokens[this.at++]
    if (name === undefined) throw new RuleError({ en: 'condition: it ends too early', zh: '条件：不完整' })
    const selection = this.selections.get(name)
    if (!selection) {
      const keyword = /^(and|or|not|of|\(|\))$/i.test(name)
      throw new RuleError({
        en: `condition: \`${name}\` is not ${keyword ? 'expected here' : 'defined'}`,
        zh: keyword ? `条件：此处不应出现 \`${name}\`` : `条件：\`${name}\` 未定义`,
      })
    }
    return selection
  }

  private selector(): Expression {
    const quantifier = this.tokens[this.at]!.toLowerCase()
    const pattern = this.tokens[this.at + 2]
    this.at += 3
    if (!['1', 'any', 'all'].includes(quantifier))
      throw new RuleError({
        en: `condition: \`${quantifier} of\` is not Sigma; it has \`1 of\`, \`any of\` and \`all of\``,
        zh: `条件：Sigma 没有 \`${quantifier} of\`，只有 \`1 of\`、\`any of\` 和 \`all of\``,
      })
    if (pattern === undefined || pattern === '(' || pattern === ')')
      throw new RuleError({
        en: 'condition: `of` needs `them` or a pattern',
        zh: '条件：`of` 之后须为 `them` 或名称模式',
      })
    const chosen = [...this.selections].filter(([name]) => selects(pattern, name)).map(([, selection]) => selection)
    if (!chosen.length)
      throw new RuleError({
        en: `condition: nothing is called \`${pattern}\``,
        zh: `条件：没有名为 \`${pattern}\` 的选择项`,
      })
    return quantifier === 'all' ? every(chosen) : some(chosen)
  }
}

/** Names that begin with `_` are left out, unless the pattern asks for them. */
const selects = (pattern: string, name: string): boolean => {
  if (name.startsWith('_') && !pattern.startsWith('_')) return false
  if (pattern.toLowerCase() === 'them') return true
  return matchAnyText([pattern.split(/(\*)/).map((piece) => (piece === '*' ? ANY : piece))], true)(name)
}

/** Reads a condition over named selections; several conditions are alternatives. */
export const parseCondition = (
  conditions: readonly string[],
  selections: ReadonlyMap<string, Expression>,
): Expression => some(conditions.map((condition) => new ConditionParser(tokens(condition), selections).parse()))
