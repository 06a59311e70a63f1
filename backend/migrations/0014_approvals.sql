CREATE TABLE "approval_customers" (
	"approval_id" text NOT NULL,
	"customer_id" text NOT NULL,
	CONSTRAINT "approval_customers_approval_id_customer_id_pk" PRIMARY KEY("approval_id","customer_id")
);
--> statement-breakpoint
CREATE TABLE "approval_uses" (
	"event_id" text PRIMARY KEY NOT NULL,
	"approval_id" text NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"count" integer NOT NULL,
	"fields" jsonb NOT NULL,
	"customer_id" text
);
--> statement-breakpoint
CREATE TABLE "approvals" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"requester" text NOT NULL,
	"team" text NOT NULL,
	"branch" text NOT NULL,
	"use" text NOT NULL,
	"fields" jsonb NOT NULL,
	"most" integer NOT NULL,
	"used" integer DEFAULT 0 NOT NULL,
	"purpose" text NOT NULL,
	"minutes" integer NOT NULL,
	"reason" text NOT NULL,
	"asked_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"decision" text,
	"decided_by" text,
	"decided_at" timestamp (3) with time zone,
	"decision_reason" text,
	"until" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"ended_by" text,
	"end_reason" text,
	"review_by" timestamp (3) with time zone,
	"reviewed_by" text,
	"reviewed_at" timestamp (3) with time zone,
	"verdict" text,
	"review_note" text,
	"overdue_told" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
ALTER TABLE "approval_customers" ADD CONSTRAINT "approval_customers_approval_id_approvals_id_fk" FOREIGN KEY ("approval_id") REFERENCES "public"."approvals"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approval_uses" ADD CONSTRAINT "approval_uses_approval_id_approvals_id_fk" FOREIGN KEY ("approval_id") REFERENCES "public"."approvals"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "approval_uses_approval" ON "approval_uses" USING btree ("approval_id","at");--> statement-breakpoint
CREATE INDEX "approvals_requester" ON "approvals" USING btree ("requester","asked_at");--> statement-breakpoint
CREATE INDEX "approvals_branch" ON "approvals" USING btree ("branch","asked_at");--> statement-breakpoint
CREATE INDEX "approvals_review" ON "approvals" USING btree ("review_by");