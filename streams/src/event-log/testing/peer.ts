import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Topic } from '@custodia/contracts'
import { Seen } from './seen.js'

/** What the other process is asked to do. It goes on until it is killed or told to close. */
export type PeerOrder =
  | { do: 'append'; topic: Topic; key: string; values: string[] }
  | { do: 'append for ever'; topic: Topic; keys: string[] }
  | { do: 'append and die'; topic: Topic; key: string; value: string }
  | { do: 'tail'; topic: Topic }
  | { do: 'consume'; group: string; topic: Topic; commit: boolean }
  | { do: 'close' }

/** What it tells. */
export type PeerNews =
  | { news: 'ready' }
  | { news: 'appended'; partition: number; offset: number; value: string }
  | { news: 'read'; partition: number; offset: number; value: string }
  | { news: 'assigned' | 'revoked'; partition: number }
  | { news: 'closed' }

/** Another process that has the same log open. */
export class Peer {
  readonly news = new Seen<PeerNews>()
  readonly #child

  /** `script` is run as a process of its own with `place` as its argument; see peer-process.ts */
  constructor(script: URL, place: string) {
    this.#child = fork(fileURLToPath(script), [place])
    this.#child.on('message', (news: PeerNews) => this.news.add(news))
  }

  static async start(script: URL, place: string): Promise<Peer> {
    const peer = new Peer(script, place)
    await peer.told('ready', 1)
    return peer
  }

  order(order: PeerOrder): void {
    this.#child.send(order)
  }

  /** the news of one kind, once there are `n` of them */
  async told<K extends PeerNews['news']>(kind: K, n: number): Promise<Extract<PeerNews, { news: K }>[]> {
    const isKind = (news: PeerNews): news is Extract<PeerNews, { news: K }> => news.news === kind
    return (await this.news.until((all) => all.filter(isKind).length >= n)).filter(isKind)
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}
