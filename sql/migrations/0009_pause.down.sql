DROP TABLE onceward.relay_pause;
