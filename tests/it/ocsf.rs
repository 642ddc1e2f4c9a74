//! A judge of OCSF events, after the table in `ocsf.json` that is made from the schema.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Every event of the lines; fails on the first that is not as the schema wants it.
#[track_caller]
pub fn judged(lines: &str) -> Vec<Value> {
    let table: Value = serde_json::from_str(include_str!("ocsf.json")).unwrap();
    let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for event in &events {
        if let Err(why) = judge(&table, event) {
            panic!("{why}: {event:#}");
        }
    }
    events
}

/// Why one event is not as the schema wants it.
pub fn judge(table: &Value, event: &Value) -> Result<(), String> {
    let uid = event["class_uid"].as_u64().ok_or("class_uid is no number")?;
    let class = table["classes"].get(uid.to_string()).ok_or(format!("no class {uid}"))?;
    let number = |name: &str| event[name].as_u64().ok_or(format!("{name} is no number"));
    if class["category_uid"] != event["category_uid"] {
        return Err("another category".to_owned());
    }
    for name in ["class_name", "category_name"] {
        if event.get(name).is_some_and(|told| *told != class[name]) {
            return Err(format!("{name} is not its caption"));
        }
    }
    if number("type_uid")? != uid * 100 + number("activity_id")? {
        return Err("type_uid is not class_uid * 100 + activity_id".to_owned());
    }
    // Milliseconds: what is seconds lies in January 1970.
    if number("time")? < 1_000_000_000_000 {
        return Err("time is not in milliseconds".to_owned());
    }
    let profiles: BTreeSet<&str> =
        event["metadata"]["profiles"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    holds(table, class, event, &profiles, "")
}

fn holds(table: &Value, shape: &Value, value: &Value, profiles: &BTreeSet<&str>, at: &str) -> Result<(), String> {
    let object = value.as_object().ok_or(format!("{at} is no object"))?;
    let attributes = shape["attributes"].as_object().unwrap();
    let counts = |rule: &Value| rule.get("profile").is_none_or(|profile| profiles.contains(profile.as_str().unwrap()));
    for (name, rule) in attributes {
        if rule["required"] == true && counts(rule) && !object.contains_key(name) {
            return Err(format!("{at}.{name} is missing"));
        }
    }
    if let Some(some) = shape["at_least_one"].as_array()
        && !some.iter().any(|name| object.contains_key(name.as_str().unwrap()))
    {
        return Err(format!("{at} has none of {some:?}"));
    }
    for (name, value) in object {
        let at = format!("{at}.{name}");
        let rule = attributes.get(name).ok_or(format!("{at} is not in the schema"))?;
        if !counts(rule) || rule["deprecated"] == true {
            return Err(format!("{at} is of a profile that is not named, or deprecated"));
        }
        match value.as_array() {
            Some(items) if rule["array"] == true => {
                items.iter().try_for_each(|item| one(table, rule, item, object, name, profiles, &at))?;
            }
            None if rule["array"] != true => one(table, rule, value, object, name, profiles, &at)?,
            _ => return Err(format!("{at} is an array, or is none")),
        }
    }
    Ok(())
}

fn one(
    table: &Value,
    rule: &Value,
    value: &Value,
    beside: &Map<String, Value>,
    name: &str,
    profiles: &BTreeSet<&str>,
    at: &str,
) -> Result<(), String> {
    let fits = match rule["type"].as_str().unwrap() {
        "string_t" => value.is_string(),
        "integer_t" | "long_t" => value.is_i64() || value.is_u64(),
        "boolean_t" => value.is_boolean(),
        "float_t" => value.is_number(),
        "json_t" => true,
        "object" => value.is_object(),
        object => {
            let shape = table["objects"].get(object).ok_or(format!("{at}: the table lacks {object}"))?;
            return holds(table, shape, value, profiles, at);
        }
    };
    if !fits {
        return Err(format!("{at} is not of type {}", rule["type"]));
    }
    let Some(captions) = rule.get("enum") else { return Ok(()) };
    let caption = captions.get(value.to_string()).ok_or(format!("{at} is not one of the enum"))?;
    // The sibling of `x_id` is `x`, of `activity_id` `activity_name`.
    let stem = name.trim_end_matches("_id");
    let sibling = if stem == "activity" { "activity_name" } else { stem };
    match beside.get(sibling) {
        Some(told) if told != caption && value != 99 => Err(format!("{at} is {caption}, {sibling} says {told}")),
        _ => Ok(()),
    }
}

#[test]
fn the_judge_tells_wrong_events() {
    let table: Value = serde_json::from_str(include_str!("ocsf.json")).unwrap();
    let good = serde_json::json!({
        "category_uid": 3, "class_uid": 3004, "activity_id": 1, "activity_name": "Create", "type_uid": 300_401,
        "severity_id": 1, "time": 1_795_338_000_000_u64, "entity": { "name": "policy", "type_id": 5 },
        "metadata": { "version": "1.9.0", "product": { "name": "x" } },
    });
    judge(&table, &good).unwrap();
    let wrong: [(&str, Value); 12] = [
        ("/category_uid", 6.into()),
        ("/class_uid", 3005.into()),
        ("/activity_id", 77.into()),
        ("/activity_name", "Update".into()),
        ("/type_uid", 3_004_001.into()),
        ("/severity_id", "1".into()),
        ("/time", 1_795_338_000.into()),
        ("/entity", Value::Null),
        ("/entity/type_id", 55.into()),
        ("/entity", serde_json::json!({ "type_id": 5 })),
        ("/metadata", serde_json::json!({ "product": { "name": "x" } })),
        ("/metadata/product", serde_json::json!({ "nom": "x" })),
    ];
    for (at, value) in wrong {
        let mut event = good.clone();
        *event.pointer_mut(at).unwrap() = value;
        judge(&table, &event).unwrap_err();
    }
    let mut profiled = good.clone();
    profiled["action_id"] = 1.into();
    judge(&table, &profiled).unwrap_err();
    profiled["metadata"]["profiles"] = serde_json::json!(["security_control"]);
    judge(&table, &profiled).unwrap();
}
