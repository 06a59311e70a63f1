CREATE TABLE "alert_changes" (
	"alert_id" text NOT NULL,
	"version" integer NOT NULL,
	"kind" text NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"by" text NOT NULL,
	"verdict" text,
	"assignee" text,
	"text" text,
	"count" integer,
	"other" text,
	CONSTRAINT "alert_changes_alert_id_version_pk" PRIMARY KEY("alert_id","version")
);
--> statement-breakpoint
CREATE TABLE "silences" (
	"id" text PRIMARY KEY NOT NULL,
	"rule" text NOT NULL,
	"actor" text,
	"reason" text NOT NULL,
	"owner" text NOT NULL,
	"set_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"ended_by" text
);
--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "verdict" text;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "assignee" text;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "merged_into" text;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "repeats" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "comments" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "context" jsonb;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "context_due" timestamp (3) with time zone DEFAULT now();--> statement-breakpoint
ALTER TABLE "alert_changes" ADD CONSTRAINT "alert_changes_alert_id_alerts_id_fk" FOREIGN KEY ("alert_id") REFERENCES "public"."alerts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "silences_rule" ON "silences" USING btree ("rule","until");--> statement-breakpoint
CREATE INDEX "alerts_rule" ON "alerts" USING btree ("rule","time");--> statement-breakpoint
CREATE INDEX "alerts_merged" ON "alerts" USING btree ("merged_into");--> statement-breakpoint
CREATE INDEX "alerts_context_due" ON "alerts" USING btree ("context_due") WHERE "alerts"."context_due" is not null;