import { Console } from 'node:console'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compileRules, readRuleFiles } from '@custodia/streams/detection'
import { kinds } from './insiders.js'
import { play } from './play.js'
import { quietOf, scoreOf, type Outcome } from './score.js'
import { seeds } from './seeds.js'

/** `npm run bench:precision`: a month of 200 people, honest and not, through the engine with the shipped rules. */
const out = new Console(process.stdout)
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: 'judging' },
    from: { type: 'string', default: '0' },
    days: { type: 'string', default: '30' },
    insiders: { type: 'string', default: '8' },
    rules: { type: 'string', default: fileURLToPath(new URL('../../../streams/rules', import.meta.url)) },
  },
})
const chosen = values.seeds === 'judging' || values.seeds === 'tuning' ? seeds[values.seeds] : [Number(values.seeds)]
const { rules, problems } = compileRules(await readRuleFiles([values.rules]))
if (problems.length) throw new Error(JSON.stringify(problems))
const plan = { from: Number(values.from), days: Number(values.days), rules }

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
const share = (part: number, whole: number): string => (whole ? `${Math.round((100 * part) / whole)} %` : '-')
const countBy = (names: string[]): [string, number][] =>
  [...Map.groupBy(names, (name) => name)]
    .map(([name, all]): [string, number] => [name, all.length])
    .sort(([, a], [, b]) => b - a)
const listed = (counts: [string, number][]): string => counts.map(([name, n]) => `${name} ${n}`).join(', ') || '-'

for (const seed of chosen) {
  const honest = play({ ...plan, seed, insiders: 0 })
  const { alertsADay, freezes } = quietOf(honest)
  const events = honest.days.reduce((sum, day) => sum + day.events, 0)
  out.log(`\n# seed ${seed}: ${honest.days.length} honest days, 200 people, ${events} events`)
  out.log(`alerts a day: ${alertsADay.join(' ')}; most ${Math.max(...alertsADay)}; automatic freezes: ${freezes}`)
  out.log(`by rule: ${listed(countBy(scoreOf(honest).wrong.map(({ rule }) => rule)))}`)

  const { outcomes, right, wrong } = scoreOf(play({ ...plan, seed, insiders: Number(values.insiders) }))
  const found = outcomes.filter((outcome) => outcome.rules.length)
  out.log(`\n# seed ${seed}: the same month with ${outcomes.length} insiders`)
  out.log(
    `recall ${share(found.length, outcomes.length)}; precision ${share(right.length, right.length + wrong.length)} of ${right.length + wrong.length} alerts`,
  )
  out.table(
    Object.fromEntries(
      kinds.map((kind) => {
        const own = outcomes.filter(({ insider }) => insider.kind === kind)
        return [kind, rowOf(own)]
      }),
    ),
  )
  const names = [...new Set([...right, ...wrong].map(({ rule }) => rule))].sort()
  out.table(
    Object.fromEntries(
      names.map((name) => {
        const spoke = outcomes.filter((outcome) => outcome.rules.includes(name))
        const first = spoke.filter((outcome) => outcome.rules[0] === name)
        const [hits, misses] = [right, wrong].map((alerts) => alerts.filter(({ rule }) => rule === name).length) as [
          number,
          number,
        ]
        return [
          name,
          {
            alerts: hits + misses,
            precision: share(hits, hits + misses),
            'insiders it found': spoke.length,
            'first to speak': first.length,
            'records out by then (median)': first.length ? median(first.map(({ beforeAlert }) => beforeAlert)) : '-',
          },
        ]
      }),
    ),
  )
}

function rowOf(own: Outcome[]): Record<string, string | number> {
  return {
    found: `${own.filter(({ rules: spoke }) => spoke.length).length}/${own.length}`,
    'out by the first alert': median(own.map(({ beforeAlert }) => beforeAlert)),
    'out by the response': median(own.map(({ beforeResponse }) => beforeResponse)),
    most: Math.max(...own.map(({ beforeResponse }) => beforeResponse)),
    'first to speak': listed(countBy(own.flatMap(({ rules: spoke }) => spoke.slice(0, 1)))),
  }
}
