CREATE TABLE `locks` (
	`resource` text PRIMARY KEY NOT NULL,
	`record` text NOT NULL
);
