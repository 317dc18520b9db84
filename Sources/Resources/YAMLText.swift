import Model
import YAML

/// A value as a YAML document.
func yamlText(_ value: Value) -> String { YAML.emit(value) }
