-- Both databases of the quickstart: who pays lives in one, who is paid in the other.
CREATE TABLE IF NOT EXISTS account (
  name    text PRIMARY KEY,
  balance bigint NOT NULL CHECK (balance >= 0)
);
INSERT INTO account VALUES ('alice', 100), ('bob', 0) ON CONFLICT DO NOTHING;
