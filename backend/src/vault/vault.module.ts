import { Module } from '@nestjs/common'
import { KEY_PROVIDER, PHOTO_STORE, RECORD_STORE } from '../adapters.js'
import type { PhotoStore } from '../photo-store/photo-store.js'
import type { RecordStore } from '../record-store/record-store.js'
import { TimelinesModule } from '../timelines/timelines.module.js'
import { ConsentController } from './consent/consent.controller.js'
import { ConsentService } from './consent/consent.service.js'
import { ExportController } from './exports/export.controller.js'
import { ExportService } from './exports/export.service.js'
import type { KeyProvider } from './keys/key-provider.js'
import { PhotoController } from './photos/photo.controller.js'
import { PhotoService } from './photos/photo.service.js'
import { CustomerAccessesService } from './records/customer-accesses.service.js'
import { CustomerPresenter } from './records/customer-presenter.js'
import { CustomerReader } from './records/customer-reader.js'
import { RecordController } from './records/record.controller.js'
import { RecordService } from './records/record.service.js'
import { AddressTokens } from './relations/address-tokens.js'
import { SearchController } from './search/search.controller.js'
import { SearchService } from './search/search.service.js'
import { Standing } from './standing.js'
import { TransactionController } from './transactions/transaction.controller.js'
import { TransactionService } from './transactions/transaction.service.js'
import { VaultWriter } from './vault-writer.js'

/** ⓪ Customers, their photos and consents: sealed at rest, masked by default, shown for a purpose. */
@Module({
  imports: [TimelinesModule],
  controllers: [
    SearchController,
    RecordController,
    PhotoController,
    ConsentController,
    ExportController,
    TransactionController,
  ],
  providers: [
    Standing,
    CustomerReader,
    CustomerPresenter,
    SearchService,
    RecordService,
    CustomerAccessesService,
    ConsentService,
    PhotoService,
    ExportService,
    TransactionService,
    AddressTokens,
    {
      provide: VaultWriter,
      inject: [RECORD_STORE, PHOTO_STORE, KEY_PROVIDER],
      useFactory: (records: RecordStore, photos: PhotoStore, keys: KeyProvider) =>
        new VaultWriter(records, photos, keys),
    },
  ],
  exports: [VaultWriter, CustomerReader, SearchService, Standing],
})
export class VaultModule {}
