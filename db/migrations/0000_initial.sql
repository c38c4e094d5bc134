CREATE TABLE `audit` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`target` text NOT NULL,
	`reason` text,
	`before` text,
	`after` text,
	`seq` integer,
	`operation_id` text
);
--> statement-breakpoint
CREATE INDEX `audit_target` ON `audit` (`target`,`id`);--> statement-breakpoint
CREATE INDEX `audit_actor` ON `audit` (`actor`,`id`);--> statement-breakpoint
CREATE TABLE `check_runs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`instance_id` text NOT NULL,
	`status` text NOT NULL,
	`from_at` integer NOT NULL,
	`to_at` integer NOT NULL,
	`count` integer NOT NULL,
	`duration_min_ms` integer NOT NULL,
	`duration_max_ms` integer NOT NULL,
	`output` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `check_runs_instance` ON `check_runs` (`instance_id`,`id`);--> statement-breakpoint
CREATE INDEX `check_runs_to` ON `check_runs` (`to_at`);--> statement-breakpoint
CREATE TABLE `edge_rollups` (
	`step_ms` integer NOT NULL,
	`at` integer NOT NULL,
	`caller` text NOT NULL,
	`callee` text NOT NULL,
	`protocol` text NOT NULL,
	`count` integer NOT NULL,
	`errors` integer NOT NULL,
	`sketch` blob,
	PRIMARY KEY(`step_ms`, `at`, `caller`, `callee`, `protocol`)
);
--> statement-breakpoint
CREATE INDEX `edge_rollups_callee` ON `edge_rollups` (`step_ms`,`callee`,`at`);--> statement-breakpoint
CREATE TABLE `instances` (
	`id` text PRIMARY KEY NOT NULL,
	`service` text NOT NULL,
	`generation` integer NOT NULL,
	`revision` integer NOT NULL,
	`last_heartbeat_at` integer,
	`record` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `instances_service` ON `instances` (`service`);--> statement-breakpoint
CREATE TABLE `journal` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`key` text NOT NULL,
	`service` text,
	`actor` text NOT NULL,
	`summary` text NOT NULL,
	`operation_id` text,
	`value` text
);
--> statement-breakpoint
CREATE INDEX `journal_key` ON `journal` (`key`,`seq`);--> statement-breakpoint
CREATE INDEX `journal_service` ON `journal` (`service`,`seq`) WHERE "journal"."service" is not null;--> statement-breakpoint
CREATE TABLE `journal_base` (
	`key` text PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`at` integer NOT NULL,
	`value` text
);
--> statement-breakpoint
CREATE TABLE `meta` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `operations` (
	`principal` text NOT NULL,
	`id` text NOT NULL,
	`procedure` text NOT NULL,
	`hash` text NOT NULL,
	`result` text,
	`at` integer NOT NULL,
	PRIMARY KEY(`principal`, `id`)
);
--> statement-breakpoint
CREATE INDEX `operations_at` ON `operations` (`at`);--> statement-breakpoint
CREATE TABLE `services` (
	`name` text PRIMARY KEY NOT NULL,
	`revision` integer NOT NULL,
	`record` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tombstones` (
	`id` text PRIMARY KEY NOT NULL,
	`generation` integer NOT NULL,
	`incarnation` text NOT NULL,
	`cause` text NOT NULL,
	`actor` text NOT NULL,
	`at` integer NOT NULL,
	`maintenance` text,
	`drain` text
);
--> statement-breakpoint
CREATE INDEX `tombstones_at` ON `tombstones` (`at`);--> statement-breakpoint
CREATE TABLE `links` (
	`hash` text PRIMARY KEY NOT NULL,
	`user_id` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `links_user` ON `links` (`user_id`);--> statement-breakpoint
CREATE INDEX `links_expires` ON `links` (`expires_at`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`user_id` text NOT NULL,
	`via` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`address` text NOT NULL,
	`user_agent` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_hash_unique` ON `sessions` (`hash`);--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE INDEX `sessions_seen` ON `sessions` (`last_seen_at`);--> statement-breakpoint
CREATE TABLE `tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`name` text NOT NULL,
	`prefix` text NOT NULL,
	`scopes` text NOT NULL,
	`services` text,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL,
	`expires_at` integer,
	`revoked_at` integer,
	`last_used_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_hash_unique` ON `tokens` (`hash`);--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_name` ON `tokens` (`name`) WHERE "tokens"."revoked_at" is null;--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`password_hash` text,
	`created_at` integer NOT NULL,
	`last_sign_in_at` integer,
	`revision` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`);