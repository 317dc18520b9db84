import Model

/// A value as a YAML document. Every JSON text is YAML, and says the same in both.
func yamlText(_ value: Value) throws(InputError) -> String { try JSONText.pretty(value) }
