import { Module } from '@nestjs/common'
import { DirectorySync } from './directory-sync.js'
import { LeaverBrake } from './leaver-brake.js'
import { LeaversController } from './leavers.controller.js'
import { Movers } from './movers.service.js'
import { PeopleFileController } from './people-file.controller.js'
import { PeopleFileService } from './people-file.service.js'
import { ScimController } from './scim.controller.js'
import { ScimService } from './scim.service.js'

/** Who joins and who leaves, told by the system that knows. */
@Module({
  controllers: [LeaversController, PeopleFileController, ScimController],
  providers: [DirectorySync, LeaverBrake, Movers, PeopleFileService, ScimService],
  exports: [Movers],
})
export class ProvisioningModule {}
