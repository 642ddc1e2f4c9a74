-- once: a loyalty tier for every customer; rewrites no row
ALTER TABLE customers ADD COLUMN tier TEXT;

-- repeat: backfill in batches of 500, a transaction each
UPDATE customers
   SET tier = CASE WHEN orders >= 40 THEN 'gold'
                   WHEN orders >= 15 THEN 'silver' ELSE 'basic' END
 WHERE id IN (SELECT id FROM customers WHERE tier IS NULL LIMIT 500);
