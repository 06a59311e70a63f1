CREATE TABLE "staff_traits" (
	"account_id" text NOT NULL,
	"field" text NOT NULL,
	"token" "bytea" NOT NULL,
	CONSTRAINT "staff_traits_field_token_account_id_pk" PRIMARY KEY("field","token","account_id")
);
--> statement-breakpoint
ALTER TABLE "staff_traits" ADD CONSTRAINT "staff_traits_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "staff_traits_account" ON "staff_traits" USING btree ("account_id");