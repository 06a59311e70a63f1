CREATE TABLE "guard_trips" (
	"rule" text PRIMARY KEY NOT NULL,
	"alert_id" text NOT NULL,
	"reason" text NOT NULL,
	"tripped_at" timestamp (3) with time zone NOT NULL,
	"until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "measures" (
	"alert_id" text NOT NULL,
	"kind" text NOT NULL,
	"account_id" text NOT NULL,
	"action" text,
	"rule" text NOT NULL,
	"rule_version" text NOT NULL,
	"reason" text NOT NULL,
	"fired_at" timestamp (3) with time zone NOT NULL,
	"seconds" integer NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"ended_by" text,
	CONSTRAINT "measures_alert_id_kind_pk" PRIMARY KEY("alert_id","kind")
);
--> statement-breakpoint
CREATE TABLE "step_ups" (
	"id" text PRIMARY KEY NOT NULL,
	"account_id" text NOT NULL,
	"session" text NOT NULL,
	"target" "bytea" NOT NULL,
	"challenge" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"proven_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "freeze_cause" jsonb;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "measures" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "throttled_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "break_glass" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "freezes" ADD COLUMN "severity" text;--> statement-breakpoint
ALTER TABLE "freezes" ADD COLUMN "fired_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "freezes" ADD COLUMN "seconds" integer;--> statement-breakpoint
ALTER TABLE "freezes" ADD COLUMN "cause" jsonb;--> statement-breakpoint
ALTER TABLE "freezes" ADD COLUMN "lift_asked_by" text;--> statement-breakpoint
ALTER TABLE "freezes" ADD COLUMN "lift_asked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "freezes" ADD COLUMN "lift_asked_reason" text;--> statement-breakpoint
ALTER TABLE "measures" ADD CONSTRAINT "measures_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "step_ups" ADD CONSTRAINT "step_ups_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "measures_account" ON "measures" USING btree ("account_id","fired_at");