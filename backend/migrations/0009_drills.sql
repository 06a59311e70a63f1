CREATE TABLE "drills" (
	"id" text PRIMARY KEY NOT NULL,
	"state" text DEFAULT 'asked' NOT NULL,
	"by" text NOT NULL,
	"asked_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"alive_at" timestamp (3) with time zone,
	"account_id" text,
	"result" jsonb,
	"problem" text
);
--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "drill" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "drill" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "drills_one" ON "drills" USING btree ((true)) WHERE "drills"."state" in ('asked', 'running');--> statement-breakpoint
CREATE INDEX "drills_asked" ON "drills" USING btree ("asked_at");