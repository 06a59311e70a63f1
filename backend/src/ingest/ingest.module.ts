import { Module } from '@nestjs/common'
import { IngestController } from './ingest.controller.js'
import { IngestService } from './ingest.service.js'
import { IngestTokensService } from './tokens.service.js'
import { SilenceService } from './silence.service.js'

/** Events of outside systems, into the same log and under the same rules. */
@Module({ controllers: [IngestController], providers: [SilenceService, IngestService, IngestTokensService] })
export class IngestModule {}
