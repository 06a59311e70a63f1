import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './compose-file.js'

export interface Copy {
  /** an earlier stage; undefined: the checkout */
  from: string | undefined
  source: string
}

/** What of deploy/Dockerfile a test can know without an engine. */
export function readDockerfile() {
  const text = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8').replaceAll(/\\\n/g, ' ')
  const lines = text.split('\n').map((line) => line.trim())
  const after = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  const copies = after('COPY').flatMap((line): Copy[] => {
    const words = line.split(/\s+/)
    const from = words[0]?.startsWith('--from=') ? words.shift()?.slice('--from='.length) : undefined
    return words.slice(0, -1).map((source) => ({ from, source }))
  })
  return {
    text,
    copies,
    stages: after('FROM').flatMap((line) => /\sAS\s(\S+)/.exec(line)?.[1] ?? []),
    /** of the last stage */
    env: Object.fromEntries(
      after('ENV').flatMap((line) => line.split(/\s+/).map((pair) => pair.split('=') as [string, string])),
    ),
    user: after('USER').at(-1),
  }
}
