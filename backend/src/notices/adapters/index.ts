import type { ChannelConfig, ChannelKind, NoticeLanguage } from '@custodia/contracts'
import type { Net } from '../net/post.js'
import type { Outcome } from '../outcome.js'
import type { Message } from '../words.js'
import type { Adapter, ConfigOf } from './adapter.js'
import { dingtalk } from './dingtalk.js'
import { email } from './email.js'
import { feishu } from './feishu.js'
import { slack } from './slack.js'
import { teams } from './teams.js'
import { webhook } from './webhook.js'
import { wecom } from './wecom.js'

type Teller<Config> = (
  config: Config,
  message: Message,
  language: NoticeLanguage,
  at: Date,
  net: Net,
) => Promise<Outcome>

const through =
  <Config, Request>({ render, send }: Adapter<Config, Request>): Teller<Config> =>
  (config, message, language, at, net) =>
    send(render(message, language, config, at), net)

/** Every kind of channel there is. */
const tellers: { [K in ChannelKind]: Teller<ConfigOf<K>> } = {
  webhook: through(webhook),
  email: through(email),
  dingtalk: through(dingtalk),
  wecom: through(wecom),
  feishu: through(feishu),
  slack: through(slack),
  teams: through(teams),
}

/** Tells one channel one thing, once. */
export const tell: Teller<ChannelConfig> = (config, ...rest) => {
  // the kind of a config chooses the teller that takes it; the compiler cannot follow that through a table
  const teller = tellers[config.kind] as Teller<ChannelConfig>
  return teller(config, ...rest)
}
