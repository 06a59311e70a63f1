import { Controller } from '@nestjs/common'
import { vaultRoutes, type InputOf, type ReplyOf } from '@custodia/contracts'
import { Access } from '../../gateway/access.js'
import { Input, Serve, TheAccess } from '../../gateway/serve.js'
import { SearchService } from './search.service.js'

type Route = typeof vaultRoutes.customersSearch

@Controller()
export class SearchController {
  constructor(private readonly customers: SearchService) {}

  @Serve(vaultRoutes.customersSearch)
  search(@TheAccess() access: Access, @Input() { query }: InputOf<Route>): Promise<ReplyOf<Route>> {
    return this.customers.search(access, query)
  }
}
