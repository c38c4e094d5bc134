CREATE TABLE `policies` (
	`name` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`record` text NOT NULL
);
