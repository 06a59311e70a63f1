import type { Random } from '../../testing/random.js'

const texts = ['a', 'A', 'ab', 'AB', 'дом', 'ДОМ', 'ος', '?Σ', 'ſß', '张*', '*b', 'a?', '?', '*', '', '7', '7.0', '1e3', '\\*b', "o'b\\c", 'STRASSE', 'straße', 'i\u0307x', 'ix', 'k', 'kkk', '-0', 'true', '\\\\x', '𝒳?'] // prettier-ignore
/** numbers without quotes, in the ways that YAML has for them */
const numbers = ['7', '0', '1000', '007', '0x10', '0o20', '16', '1.0', '1', '1e3', '1E+3', '+7', '-3.50', '1e21', '.1']
const patterns = ['a.b', '^[A-C]', '(a|7)+$', '\\d', '[^k]', 'b\\n?$', '\\w\\b', 'x{2,3}|о', '(?i)д', '^$', '(?=a)', '(a+)+b', 'k', '\\s', '[[:alpha:]]$'] // prettier-ignore
const networks = ['10.0.0.0/8', '10.0.0.1', '2001:db8::/32', '::/0', '0.0.0.0/0', '1:2:3:4:5:6:7::/112']
const textFields = ['reason', 'team', 'purpose', 'session', 'ip', 'actor', 'fields', 'record_ids', 'count', 'amount', 'off_hours', 'missing', 'customer_id', 'subject', 'time', 'id'] // prettier-ignore

/** What `%name%` stands for in generated rules. */
export const placeholders = { some: ['a', 'b*', '7'], nets: ['10.0.0.0/8', '2001:db8::/32'], odd: ["o'b\\\\c", '?'] }

/** A text as YAML: a double-quoted scalar reads what JSON writes. */
const quoted = (text: string): string => JSON.stringify(text)

const list = (random: Random, from: readonly string[]): string =>
  random.chance(0.6) ? random.pick(from) : `[${random.pick(from)}, ${random.pick(from)}]`

const item = (random: Random): string => {
  const field = random.pick(textFields)
  const cased = random.chance(0.2) ? '|cased' : ''
  const neq = random.chance(0.15) ? '|neq' : ''
  const pair = (values: readonly string[]): string => `[${random.pick(values)}, ${random.pick(values)}]`
  switch (random.below(16)) {
    case 11:
      return `${field}|${random.pick(['base64', 'base64offset|contains', 'wide|base64offset|contains', 'utf16le|base64', 'utf16be|base64', 'utf16|base64offset|contains', 'wide', 'utf16'])}${cased}${neq}: ${list(random, ['a', 'ab', 'A', "'7'", "'o''b'", 'ДОМ'])}`
    case 12:
      return `${field}|windash${random.pick(['', '|contains', '|startswith', '|contains|all'])}${cased}: ${pair(["'-x'", "'/x'", "' -f /g'", "'a-b'", "'—y'"])}`
    case 13:
      if (random.chance(0.25))
        return `${field}|${random.pick(['expand|contains|all', 'contains|all|expand', 'expand|re|all'])}${neq}: ${random.pick(["'%some%'", "'%odd%'", "'%some%%odd%'"])}`
      return `${field}|${random.pick(['expand', 'expand|contains', 'startswith|expand', 'expand|re', 'expand|base64offset|contains'])}${neq}: ${random.pick(["'%some%'", "'%odd%'", "['x%some%', '%odd%']", "'\\%some%'", "'\\\\%some%'"])}`
    case 14:
      return `${field}|${random.pick(['contains', 'startswith', 'endswith'])}|all${cased}${neq}: ${pair(texts.map(quoted))}`
    case 15:
      return random.pick([
        `ip|cidr${neq}: ${pair(networks.map(quoted))}`,
        `ip|cidr|expand: '%nets%'`,
        `ip|cidr|all: ${pair(networks.map(quoted))}`,
      ])
    case 0:
      return `action: [photo_view, view, export]`
    case 1:
      return `outcome: ${random.pick(['granted', '[granted, allowed]', 'refused', 'failed'])}`
    case 2:
      return `${field}|${random.pick(['contains', 'startswith', 'endswith'])}${cased}${neq}: ${list(random, texts.map(quoted))}`
    case 3:
      return `${field}|re${random.pick(['', '|i', '|s', '|m'])}: ${quoted(random.pick(patterns))}`
    case 4:
      return `${field}|${random.pick(['lt', 'lte', 'gt', 'gte'])}: ${random.pick(['0', '3', '7', '0.2', "'1000'"])}`
    case 5:
      return `${random.pick(['ip', 'reason', 'fields'])}|cidr: ${quoted(random.pick(networks))}`
    case 6:
      return `${field}|exists: ${random.pick(['true', 'false'])}`
    case 7:
      return `${field}${neq}: null`
    case 8:
      return `${field}|fieldref${random.pick(['', '|contains', '|startswith', '|endswith'])}${cased}${neq}: ${random.pick(textFields)}`
    case 9: {
      const part = random.pick(['minute', 'hour', 'day', 'week', 'month', 'year'])
      const values = part === 'year' ? ['2026', '1970', '2020'] : ['2', '3', '10', '11']
      return `${random.pick(['time', 'reason', 'count', 'session'])}|${part}${random.pick(['', '|gte', '|lt'])}: ${random.pick(values)}`
    }
    default:
      return `${field}${cased}${neq}: ${list(random, [...texts.map(quoted), ...numbers, 'true'])}`
  }
}

const selection = (random: Random): string => {
  if (random.chance(0.08)) return `['${random.pick(['clerk-1', 'дом', '7', 'held', '2026', 'true'])}']`
  const lines = Array.from({ length: 1 + random.below(2) }, () => item(random))
  const keys = new Set<string>()
  return `{ ${lines.filter((line) => !keys.has(line.split(':')[0]!) && keys.add(line.split(':')[0]!)).join(', ')} }`
}

const conditions = ['one', 'one or two', 'one and not two', 'not one', '1 of *', 'all of them', 'not (one and two)']

const base = (random: Random, name: string): string => `title: ${name}
name: ${name}
logsource: { product: custodia }
detection:
  one: ${selection(random)}
  two: ${selection(random)}
  condition: ${random.pick(conditions)}`

const groups = ['[actor]', '[actor]', '[ip]', '[actor, team]', '[]', '[customer_id]', '[who]', '[who, team]']
const spans = ['1s', '5s', '1m', '10m', '40d']

/** What a rule leaves out for a part of the stream, which begins at `start` and lasts an hour or so. */
const exceptionsOf = (random: Random, start: number): string => {
  if (random.chance(0.5)) return ''
  const expires = `${new Date(start + random.below(70) * 60_000).toISOString().slice(0, 16)}Z`
  const when = random.pick(['{ actor: clerk-0 }', '{ ip|cidr: 10.0.0.0/8 }', `{ ${item(random)} }`])
  return `, exceptions: [{ when: ${when}, owner: li.na, reason: known, expires: ${expires} }]`
}

const keysOf = (random: Random, exceptions = ''): string => {
  const suppress = random.chance(0.4) ? `, suppress: ${random.pick(['0s', '3s', '2m', '1d'])}` : ''
  return `custodia: { respond: [alert${random.chance(0.4) ? ', { freeze: 1h }' : ''}]${suppress}${exceptions} }`
}

const correlation = (random: Random, name: string, over: readonly string[], exceptions = ''): string => {
  const type = random.pick(['event_count', 'value_count', 'value_sum', 'value_avg', 'value_percentile', 'value_median', 'temporal', 'temporal_ordered']) // prettier-ignore
  const op = random.pick(['gt', 'gte', 'gte', 'lt', 'eq', 'neq'])
  const numeric = random.pick(['count', 'bytes', 'amount', 'reason', 'fields', 'what'])
  const fields = random.pick(['customer_id', 'record_ids', 'amount', '[customer_id, team]', '[fields, action]', 'ip', 'what', '[team, what]', 'who']) // prettier-ignore
  const field = type === 'value_count' ? `field: ${fields}, ` : type.startsWith('value') ? `field: ${numeric}, ` : ''
  const condition = type.startsWith('temporal')
    ? ''
    : `condition: { ${field}${op}: ${random.pick(['1', '2', '3', '7.5'])} }`
  const group = random.pick(groups)
  // `who` of a correlation below is its group's, whatever the event has in a field of that name
  const whose = [random.pick(['actor', 'who', 'who']), 'subject']
  const meant = type === 'value_count' ? ['customer_id', random.pick(['record_ids', 'subject', 'who'])] : ['count', random.pick(['amount', 'bytes'])] // prettier-ignore
  const alias = (name: string, means: string[]): string =>
    `${name}: { ${over.map((rule, i) => `${rule}: ${means[i]}`).join(', ')} }`
  const named = [...(group.includes('who') ? [alias('who', whose)] : []), ...(condition.includes('what') ? [alias('what', meant)] : [])] // prettier-ignore
  const aliases = named.length ? `aliases: { ${named.join(', ')} }` : ''
  const parts = [`type: ${type}`, `rules: [${over.join(', ')}]`, `group-by: ${group}`, `timespan: ${random.pick(spans)}`, condition, aliases] // prettier-ignore
  const generate = random.chance(0.3) ? 'generate: true\n' : ''
  return `title: ${name}\nname: ${name}\ncorrelation: { ${parts.filter(Boolean).join(', ')} }\n${generate}${keysOf(random, exceptions)}`
}

const filter = (random: Random, name: string, rules: readonly string[]): string => `title: ${name}
logsource: { product: custodia }
filter:
  rules: ${random.chance(0.2) ? 'any' : `[${rules.join(', ')}]`}
  known: ${selection(random)}
  condition: not known`

const holding = (random: Random, name: string, over: string): string => {
  const count = random.chance(0.5) ? 'type: event_count' : 'type: value_count'
  const field = count.endsWith('value_count') ? 'field: customer_id, ' : ''
  return `title: ${name}
name: ${name}
correlation: { ${count}, rules: [${over}], group-by: [actor], timespan: ${random.pick(spans)}, condition: { ${field}gt: ${1 + random.below(3)} } }
custodia: { respond: [alert, { freeze: 1h }], hold: true }`
}

/** One file: base rules, and correlations over them, one of them chained and one that holds. */
export const randomRules = (random: Random, prefix: string, start: number): string => {
  const left = (): string => exceptionsOf(random, start)
  const name = (part: string): string => `${prefix}-${part}`
  return [
    `${base(random, name('alone'))}\n${keysOf(random, left())}`,
    base(random, name('a')),
    base(random, name('b')),
    correlation(random, name('one'), [name('a')], left()),
    correlation(random, name('two'), [name('a'), name('b')], left()),
    correlation(random, name('inner'), [name('b')]),
    correlation(random, name('chained'), [name('inner'), name('a')]),
    base(random, name('served')).replace(
      /condition: .*/,
      'three: { action: [photo_view, photo_download, reveal], outcome: [granted, allowed] }\n  condition: three',
    ),
    ...(random.chance(0.5) ? [filter(random, name('filter'), [name('a'), name('alone')])] : []),
    holding(random, name('held'), name('served')).replace(/ }$/, `${left()} }`),
  ].join('\n---\n')
}
