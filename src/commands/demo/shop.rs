//! The database of the demo, and what its people look at before and after.

use std::fmt;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::commands::report::DemoTable;

/// The database's file name.
pub(super) const FILE: &str = "shop.db";

/// How many customers there are.
pub(super) const ROWS: u32 = 5_000;

/// Makes it: customers with a name, an address and a number of orders.
pub(super) fn make(path: &Path) -> rusqlite::Result<()> {
    let mut shop = Connection::open(path)?;
    let changes = shop.transaction()?;
    changes.execute_batch(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, orders INTEGER NOT NULL)",
    )?;
    {
        let mut insert = changes.prepare("INSERT INTO customers (name, email, orders) VALUES (?1, ?2, ?3)")?;
        for n in 1..=ROWS {
            // Some spread that is the same every time.
            let orders = n * 7_919 % 61;
            insert.execute((format!("Customer {n}"), format!("customer{n}@example.com"), orders))?;
        }
    }
    changes.commit()
}

impl DemoTable {
    /// Whether every customer is there and has a tier.
    pub(super) fn is_migrated(&self) -> bool {
        let with: u32 = self.tiers.iter().filter(|(tier, _)| tier != "none").map(|(_, count)| *count).sum();
        self.rows == ROWS && with == ROWS && self.columns.iter().any(|column| column == "orders")
    }
}

impl fmt::Display for DemoTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "customers: {} rows; columns {}", self.rows, self.columns.join(", "))?;
        let tiers: Vec<String> = self.tiers.iter().map(|(tier, count)| format!("{count} {tier}")).collect();
        if tiers.is_empty() { Ok(()) } else { write!(f, "\ntier:      {}", tiers.join(", ")) }
    }
}

/// Looks at it, without changing it.
pub(super) fn look(path: &Path) -> rusqlite::Result<DemoTable> {
    let shop = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let columns: Vec<String> = shop
        .prepare("SELECT name FROM pragma_table_info('customers')")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let tiers = if columns.iter().any(|column| column == "tier") {
        shop.prepare("SELECT coalesce(tier, 'none'), count(*) FROM customers GROUP BY 1 ORDER BY 2 DESC")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?
    } else {
        Vec::new()
    };
    Ok(DemoTable { rows: shop.query_row("SELECT count(*) FROM customers", [], |row| row.get(0))?, columns, tiers })
}
