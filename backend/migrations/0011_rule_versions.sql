CREATE TABLE "rule_versions" (
	"name" text NOT NULL,
	"number" integer NOT NULL,
	"state" text NOT NULL,
	"yaml" text NOT NULL,
	"cases" text,
	"base" integer,
	"rollback_to" integer,
	"author" text,
	"reason" text NOT NULL,
	"two_persons" boolean NOT NULL,
	"trial" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"proposed_at" timestamp (3) with time zone,
	"decided_at" timestamp (3) with time zone,
	"decided_by" text,
	"decision" text,
	CONSTRAINT "rule_versions_name_number_pk" PRIMARY KEY("name","number")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "rule_versions_live" ON "rule_versions" USING btree ("name") WHERE "rule_versions"."state" = 'live';--> statement-breakpoint
CREATE INDEX "rule_versions_state" ON "rule_versions" USING btree ("state");