import { Controller } from '@nestjs/common'
import { routes, type InputOf } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { ChannelsService } from './channels.service.js'
import { UndeliveredService } from './undelivered.service.js'

@Controller()
export class NoticesController {
  constructor(
    private readonly channels: ChannelsService,
    private readonly undelivered: UndeliveredService,
  ) {}

  @Serve(routes.noticeChannels)
  list(@TheAccess() access: Access) {
    return this.channels.list(access)
  }

  @Serve(routes.noticeChannelCreate)
  create(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.noticeChannelCreate>) {
    return this.channels.create(access, input)
  }

  @Serve(routes.noticeChannelUpdate)
  update(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.noticeChannelUpdate>) {
    return this.channels.update(access, input)
  }

  @Serve(routes.noticeChannelRemove)
  remove(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.noticeChannelRemove>) {
    return this.channels.remove(access, params.id)
  }

  @Serve(routes.noticeChannelTest)
  test(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.noticeChannelTest>) {
    return this.channels.test(access, params.id)
  }

  @Serve(routes.noticesUndelivered)
  pending(@TheAccess() access: Access) {
    return this.undelivered.list(access)
  }

  @Serve(routes.noticeRetry)
  retry(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.noticeRetry>) {
    return this.undelivered.retry(access, params.id)
  }
}
