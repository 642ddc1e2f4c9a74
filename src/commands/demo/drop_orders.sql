-- once: with a tier, nobody needs the number of orders
ALTER TABLE customers DROP COLUMN orders;
