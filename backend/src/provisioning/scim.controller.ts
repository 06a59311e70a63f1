import { Controller, Header, HttpCode } from '@nestjs/common'
import { scimRoutes as routes, type InputOf } from '@custodia/contracts'
import type { Access } from '../gateway/access.js'
import { scimType } from '../gateway/scim-error.js'
import { Input, Serve, TheAccess } from '../gateway/serve.js'
import { resourceTypes, schemas, serviceProviderConfig } from './scim-documents.js'
import { ScimService } from './scim.service.js'

const AsScim = () => Header('content-type', scimType)

@Controller()
export class ScimController {
  constructor(private readonly scim: ScimService) {}

  @AsScim()
  @Serve(routes.scimUsers)
  users(@TheAccess() access: Access, @Input() input: InputOf<typeof routes.scimUsers>) {
    return this.scim.list(access, input)
  }

  @AsScim()
  @Serve(routes.scimUser)
  user(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.scimUser>) {
    return this.scim.get(access, params.id)
  }

  @AsScim()
  @HttpCode(201)
  @Serve(routes.scimUserCreate)
  create(@TheAccess() access: Access, @Input() { body }: InputOf<typeof routes.scimUserCreate>) {
    return this.scim.create(access, body)
  }

  @AsScim()
  @Serve(routes.scimUserReplace)
  replace(@TheAccess() access: Access, @Input() { params, body }: InputOf<typeof routes.scimUserReplace>) {
    return this.scim.replace(access, params.id, body)
  }

  @AsScim()
  @Serve(routes.scimUserPatch)
  patch(@TheAccess() access: Access, @Input() { params, body }: InputOf<typeof routes.scimUserPatch>) {
    return this.scim.patch(access, params.id, body)
  }

  @Serve(routes.scimUserDelete)
  remove(@TheAccess() access: Access, @Input() { params }: InputOf<typeof routes.scimUserDelete>): Promise<void> {
    return this.scim.remove(access, params.id)
  }

  @AsScim()
  @Serve(routes.scimConfig)
  config(@TheAccess() access: Access) {
    return told(access, serviceProviderConfig)
  }

  @AsScim()
  @Serve(routes.scimResourceTypes)
  types(@TheAccess() access: Access) {
    return told(access, resourceTypes)
  }

  @AsScim()
  @Serve(routes.scimSchemas)
  schemas(@TheAccess() access: Access) {
    return told(access, schemas)
  }
}

async function told<T>(access: Access, document: T): Promise<T> {
  await access.grant({ count: 0 })
  return document
}
