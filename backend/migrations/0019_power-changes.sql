CREATE TABLE "power_changes" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"target" text NOT NULL,
	"policy" jsonb,
	"opens" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"reason" text NOT NULL,
	"asked_by" text NOT NULL,
	"asked_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"due_at" timestamp (3) with time zone,
	"state" text DEFAULT 'waiting' NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"ended_by" text
);
--> statement-breakpoint
CREATE UNIQUE INDEX "power_changes_waiting" ON "power_changes" USING btree ("target") WHERE "power_changes"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "power_changes_asked" ON "power_changes" USING btree ("asked_at");