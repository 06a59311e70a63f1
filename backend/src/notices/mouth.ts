import { Inject, Injectable } from '@nestjs/common'
import { ChannelConfig } from '@custodia/contracts'
import type { Logger } from 'pino'
import { KEY_PROVIDER, LOGGER } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import { contextOf, open, seal } from '../vault/keys/envelope.js'
import { KeyError, type KeyProvider } from '../vault/keys/key-provider.js'
import { tell } from './adapters/index.js'
import type { Channel } from './deliveries.js'
import { Addresses } from './net/addresses.js'
import type { Net } from './net/post.js'
import { refused, retry, type Outcome } from './outcome.js'
import type { Message } from './words.js'

const timeoutMs = 10_000

/** The one place where a channel's secrets are opened: to say one thing through it. */
@Injectable()
export class Mouth {
  private readonly net: Net

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KEY_PROVIDER) private readonly keys: KeyProvider,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.net = { addresses: new Addresses(config.noticeAddresses), timeoutMs }
  }

  seal(channelId: string, config: ChannelConfig): Promise<Buffer> {
    return seal(this.keys, Buffer.from(JSON.stringify(config)), placeOf(channelId))
  }

  /** `to`: through a mail channel, to these instead of its own */
  async say(channel: Channel, message: Pick<Message, 'id' | 'notice' | 'repeats'>, to?: string[]): Promise<Outcome> {
    const { http, timeZone } = this.config
    try {
      const opened = await open(this.keys, channel.config, placeOf(channel.id))
      const kept = ChannelConfig.parse(JSON.parse(opened.toString()))
      const config = to && kept.kind === 'email' ? { ...kept, to } : kept
      const whole = { ...message, origin: http.origin, timeZone }
      return await tell(config, whole, channel.settings.language, new Date(), this.net)
    } catch (error) {
      if (error instanceof KeyError) return refused('key missing')
      // Its name alone: its words may quote an address, and the address may be the secret.
      this.logger.error({ error: (error as Error).name, channel: channel.id }, 'notices: a channel could not be used')
      return retry('internal error')
    }
  }
}

/** Where a channel's configuration is sealed to. */
export const placeOf = (channelId: string): string => contextOf('notice_channel', channelId, 'config')
