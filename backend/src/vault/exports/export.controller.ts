import { Controller } from '@nestjs/common'
import { vaultRoutes, type InputOf } from '@custodia/contracts'
import { Access } from '../../gateway/access.js'
import { FileAnswer } from '../../gateway/file-answer.js'
import { Input, Serve, TheAccess } from '../../gateway/serve.js'
import { ExportService } from './export.service.js'

@Controller()
export class ExportController {
  constructor(private readonly exports: ExportService) {}

  @Serve(vaultRoutes.customerExport)
  async export(
    @TheAccess() access: Access,
    @Input() { body }: InputOf<typeof vaultRoutes.customerExport>,
  ): Promise<FileAnswer> {
    return new FileAnswer(await this.exports.csv(access, body), 'text/csv; charset=utf-8', 'customers.csv')
  }
}
