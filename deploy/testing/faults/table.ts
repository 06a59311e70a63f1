import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isServed, type Observed } from './watch.js'

const file = fileURLToPath(new URL('../../../docs/reliability.md', import.meta.url))
const markOf = (name: string, end = '') => `<!-- ${end}${name} -->`

/** Puts the rows of one run between their marks in docs/reliability.md. */
export function writeTable(name: string, observed: readonly Observed[]): void {
  const [begin, end] = [markOf(name), markOf(name, 'end of ')]
  const text = readFileSync(file, 'utf8')
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`docs/reliability.md has no place for "${name}"`)
  writeFileSync(file, `${before}${begin}\n\n${table(observed)}\n\n${end}${after}`)
}

const table = (observed: readonly Observed[]): string =>
  [
    '| sink | fault | how | answered | slowest answer | slowest page | all served again after |',
    '|---|---|---|---|---|---|---|',
    ...observed.map(rowOf),
  ].join('\n')

export function rowOf({ fault, seen, pages, back }: Observed): string {
  const slowest = (of: readonly { took: number }[]) => seconds(Math.max(...of.map(({ took }) => took)))
  return `| ${[fault.sink, fault.name, fault.how, answers(seen), slowest(seen), slowest(pages), seconds(back)].join(
    ' | ',
  )} |`
}

function answers(seen: Observed['seen']): string {
  const refused = Map.groupBy(
    seen.filter((each) => !isServed(each)),
    ({ answer }) => `${answer?.status} \`${answer?.body.code}\``,
  )
  const served = seen.filter(isServed).length
  return [
    ...(served ? [`${served} served`] : []),
    ...[...refused].map(([code, { length }]) => `${length} × ${code}`),
  ].join(', ')
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
