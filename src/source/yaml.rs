//! YAML as JSON, as Hugo's reader takes it.
//!
//! In: YAML text. Out: its values: keys that are no strings become text, tags are dropped, `<<` merges,
//! and of two equal keys the last counts. Equal keys of the first level are named.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess as _, Visitor};
use serde_json::{Map, Number, Value};

/// A document's value, and which keys of its first level stand there more than once.
pub(super) fn parse(text: &str) -> Result<(Value, Vec<String>), serde_yaml::Error> {
    let twice = RefCell::new(vec![]);
    let value = Json { depth: 0, twice: &twice }.deserialize(serde_yaml::Deserializer::from_str(text))?;
    Ok((value, twice.into_inner()))
}

/// How a value is read.
#[derive(Clone, Copy)]
struct Json<'a> {
    depth: usize,
    twice: &'a RefCell<Vec<String>>,
}

impl<'de> DeserializeSeed<'de> for Json<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Json<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i128<E>(self, number: i128) -> Result<Value, E> {
        Ok(Value::String(number.to_string()))
    }

    fn visit_u128<E>(self, number: u128) -> Result<Value, E> {
        Ok(Value::String(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        // JSON has no infinity.
        Ok(Number::from_f64(number).map_or_else(|| Value::String(number.to_string()), Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let below = Json { depth: self.depth + 1, ..self };
        let mut list = vec![];
        while let Some(item) = items.next_element_seed(below)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let below = Json { depth: self.depth + 1, ..self };
        let mut map = Map::new();
        let mut merged = vec![];
        while let Some(key) = entries.next_key_seed(below)? {
            let value = entries.next_value_seed(below)?;
            let key = match key {
                Value::String(text) => text,
                other => other.to_string(),
            };
            if key == "<<" {
                merged.push(value);
            } else if map.insert(key.clone(), value).is_some() && self.depth == 0 {
                self.twice.borrow_mut().push(key);
            }
        }
        for value in merged {
            merge(&mut map, value);
        }
        Ok(Value::Object(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Value, A::Error> {
        let (_tag, value): (String, _) = tagged.variant()?;
        value.newtype_variant_seed(self)
    }
}

/// `<<`: what a map does not say itself comes from another map, or from the first of several that says it.
fn merge(map: &mut Map<String, Value>, from: Value) {
    match from {
        Value::Object(other) => {
            for (key, value) in other {
                map.entry(key).or_insert(value);
            }
        }
        Value::Array(others) => others.into_iter().for_each(|other| merge(map, other)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_become_json() {
        let text = "a: 1\nb: [x, 2.5, true, ~]\n1: one\nc: !tag {d: 'e'}\nf: .inf\n";
        let expected = json!({"a": 1, "b": ["x", 2.5, true, null], "1": "one", "c": {"d": "e"}, "f": "inf"});
        assert_eq!(parse(text).unwrap(), (expected, vec![]));
        assert_eq!(parse("").unwrap().0, Value::Null);
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        let (value, twice) = parse("a: 1\nb: {c: 1, c: 2}\na: 2\n").unwrap();
        assert_eq!(value, json!({"a": 2, "b": {"c": 2}}));
        assert_eq!(twice, ["a"]);
    }

    #[test]
    fn maps_merge() {
        let (value, _) = parse("base: &b {x: 1, y: 2}\nown: {<<: *b, y: 3}\n").unwrap();
        assert_eq!(value["own"], json!({"x": 1, "y": 3}));
    }
}
