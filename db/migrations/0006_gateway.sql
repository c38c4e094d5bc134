CREATE TABLE `gateway_faults` (
	`id` text PRIMARY KEY NOT NULL,
	`expires_at` integer NOT NULL,
	`record` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `gateway_faults_expiry` ON `gateway_faults` (`expires_at`);--> statement-breakpoint
CREATE TABLE `gateway_revisions` (
	`revision` integer NOT NULL,
	`route` text NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`reason` text NOT NULL,
	`rolled_back_to` integer,
	`before` text,
	`after` text,
	PRIMARY KEY(`revision`, `route`)
);
--> statement-breakpoint
CREATE TABLE `gateway_routes` (
	`id` text PRIMARY KEY NOT NULL,
	`revision` integer NOT NULL,
	`record` text NOT NULL
);
