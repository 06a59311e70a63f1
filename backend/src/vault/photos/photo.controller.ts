import { Controller, Req } from '@nestjs/common'
import { vaultRoutes, type InputOf, type PhotoInfo } from '@custodia/contracts'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { Access } from '../../gateway/access.js'
import { FileAnswer } from '../../gateway/file-answer.js'
import { Input, Serve, TheAccess } from '../../gateway/serve.js'
import { PhotoService, thumbnailType } from './photo.service.js'

type View = InputOf<typeof vaultRoutes.photoView>

/** Range and conditional headers are not looked at: every request is an access of its own, answered whole. */
@Controller()
export class PhotoController {
  constructor(private readonly photos: PhotoService) {}

  @Serve(vaultRoutes.photoUpload)
  upload(
    @TheAccess() access: Access,
    @Input() input: InputOf<typeof vaultRoutes.photoUpload>,
    @Req() request: FastifyRequest,
  ): Promise<z.output<typeof PhotoInfo>> {
    return this.photos.upload(access, input.params.id, request)
  }

  @Serve(vaultRoutes.photoThumbnail)
  async thumbnail(
    @TheAccess() access: Access,
    @Input() input: InputOf<typeof vaultRoutes.photoThumbnail>,
  ): Promise<FileAnswer> {
    return new FileAnswer(await this.photos.thumbnail(access, input.params.id), thumbnailType)
  }

  @Serve(vaultRoutes.photoView)
  async view(@TheAccess() access: Access, @Input() { params, query }: View): Promise<FileAnswer> {
    const { bytes, contentType } = await this.photos.full(access, params.id, query.purpose)
    return new FileAnswer(bytes, contentType)
  }

  @Serve(vaultRoutes.photoDownload)
  async download(@TheAccess() access: Access, @Input() { params, query }: View): Promise<FileAnswer> {
    const { photo, bytes, contentType } = await this.photos.full(access, params.id, query.purpose)
    return new FileAnswer(bytes, contentType, `${photo.kind}-${photo.id}.${contentType.slice('image/'.length)}`)
  }
}
